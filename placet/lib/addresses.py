"""What counts as a web address."""

from urllib.parse import urlsplit

import idna

RULE = "an http or https URL"
LINK = f"{RULE} without a user name"


def is_web_address(text: str) -> bool:
    """Any host will do: a self-hoster's build server is `http://jenkins:8080`, and no DNS needs to know it."""
    # urlsplit strips some of these and browsers read a backslash as a slash: both would see another host than we do.
    if "\\" in text or any(not sign.isprintable() or sign.isspace() for sign in text):
        return False
    try:
        parts = urlsplit(text)
        # Looked at, because a port out of range is only found then.
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_link(text: str) -> bool:
    """An address that people are sent to: `https://bank.example@evil.example` reads as if it led to the bank."""
    return is_web_address(text) and "@" not in urlsplit(text).netloc


def origin_of(address: str) -> str:
    """Scheme, host and port, without what may be a secret: user, path, query."""
    if not is_web_address(address):
        return ""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def host_of(address: str) -> str:
    """Host and port: what a person recognises a receiver by. In ASCII, or a letter of another script passes for ours."""
    host = origin_of(address).partition("://")[2]
    if host.isascii():
        return host
    # Of what was written, and not of urlsplit's `hostname`: its small letters are not those of browsers (a final sigma).
    name, colon, port = host.partition(":")
    try:
        # As browsers do: by the older rules of Python's own codec "faß.de" would be shown as "fass.de", which is another host.
        return idna.encode(name, uts46=True).decode() + colon + port
    except UnicodeError:
        return ascii(host)[1:-1]
