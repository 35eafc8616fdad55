"""The only way out of the house: to an address that was checked, and to no other.

A name is resolved once for each request; every address it has is checked; one of those very addresses is dialled. No
redirect is followed, no proxy variable read, no more than the beginning of an answer kept.
"""

import asyncio
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings
from yarl import URL

LONGEST_URL = 2_000
KEPT_BYTES, LONGEST_SAID = 4_096, 200
TIMEOUT_SECONDS = 10.0
#: A name's servers may take their time; whoever saves an address does not wait for them.
LOOKUP_SECONDS, MOST_LOOKUPS = 2.0, 200
#: Addresses that carry another one at their end. The prefix for local use (64:ff9b:1::/48) is none of them: where in it the
#: other one lies, only its network knows.
_NAT64 = ip_network("64:ff9b::/96")
_UNSPEAKABLE = re.compile(r"[\x00-\x20\x7f\\]")
_TEREDO, _UNICAST = ip_network("2001::/32"), ip_network("2000::/3")
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Refused(Exception):
    """We do not go there. The sentence says why, and names no address the caller did not name."""


class Unreachable(Exception):
    """We tried: no such name, no connection, no answer in time, or one that is no HTTP."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the first `KEPT_BYTES` of the body as text."""

    status: int
    headers: Mapping[str, str]
    body: str
    seconds: float


def check_url(url: str) -> str:
    """The URL if its shape may be dialled, for the moment it is saved; raises Refused. A name's addresses are checked too."""
    read = _shape(url)
    host = _host(read)
    for found in _addresses_now(host, read.port or 443):
        _check_address(host, found)
    return url


class Outbound:
    """A client for one event loop. Use as an async context manager; any number of requests may run at once."""

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=CheckedResolver(),
            use_dns_cache=False,
            limit=0,
            ssl=_trusted(),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
            trust_env=False,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """One request; the answer whatever its status. Raises Refused or Unreachable."""
        read = _shape(url)
        _check_literal(read)
        started = time.monotonic()
        try:
            async with self._session.request(
                method, read, headers=headers, data=body, allow_redirects=False
            ) as answer:
                kept = await answer.content.read(KEPT_BYTES)
                return Answer(
                    answer.status,
                    answer.headers,
                    kept.decode(errors="replace"),
                    time.monotonic() - started,
                )
        except TimeoutError:
            raise Unreachable(f"no answer within {TIMEOUT_SECONDS:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _refusal_in(error) or Unreachable(_said(error)) from None


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the machine's certificates takes a while, and they hold for a process."""
    return ssl.create_default_context()


class CheckedResolver(AbstractResolver):
    """Hands out addresses only when every one of them may be dialled: whoever mixes a private one in is up to something."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.wrap_future(_lookups.ask(host, port))
        for address in found:
            _check_address(host, address)
        return [_result(host, port, address) for address in found]

    async def close(self) -> None:
        """Nothing is held."""


def _shape(url: str) -> URL:
    """The URL as aiohttp reads it, for that is where it goes: digits and dots of other scripts have become ours there."""
    if len(url) > LONGEST_URL:
        raise Refused(f"must be at most {LONGEST_URL} characters; got {len(url)}")
    if _UNSPEAKABLE.search(url):
        raise Refused("must not hold blanks, control characters or backslashes")
    try:
        parts, read = urlsplit(url), URL(url)
        port = parts.port
    except ValueError:
        raise Refused("must be a URL with a valid host and port") from None
    _check_shape(parts, port, _host(read))
    return read


def _host(read: URL) -> str:
    return read.raw_host or ""


def _check_shape(parts: SplitResult, port: int | None, host: str) -> None:
    if parts.scheme not in {"http", "https"} or not (parts.hostname and host):
        raise Refused('must begin with "https://" and name a host')
    if parts.username is not None or parts.password is not None:
        raise Refused("must not carry a name or password; send them as a header")
    if port == 0:
        raise Refused("must be a URL with a valid host and port")
    if parts.scheme == "http" and not _named_by_operator(host):
        raise Refused(
            'must begin with "https://"; plain http is for hosts in PLACET_OUTBOUND_ALLOW'
        )


def _check_literal(read: URL) -> None:
    """aiohttp dials a literal address without asking the resolver."""
    host = _host(read)
    if address := _literal(host):
        _check_address(host, address)


def _literal(host: str) -> Address | None:
    """The address a host spells. Spellings that only some software reads as one (octal, hex, one number) are refused."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    last = host.rstrip(".").rpartition(".")[2]
    if last.isdigit() or last.lower().startswith("0x"):
        raise Refused("must spell an address as four plain numbers")
    return None


def _addresses_now(host: str, port: int) -> list[Address]:
    """None for a name that is not there: it may come later, and is asked about again before anything is sent."""
    if address := _literal(host):
        return [address]
    try:
        return _lookups.ask(host, port).result(LOOKUP_SECONDS)
    # A name too long or oddly spelt to be asked about is refused when its turn comes, like one that is not there.
    except (OSError, UnicodeError):
        return []


class Lookups:
    """Asks about each name once at a time, on threads that nobody has to wait for: neither other names nor who leaves.

    Whoever has a name decides how long its servers keep silent, and the system waits for half a minute.
    """

    def __init__(self) -> None:
        self._lock, self._under_way = threading.Lock(), dict[str, Future[list[Address]]]()

    def ask(self, host: str, port: int) -> "Future[list[Address]]":
        with self._lock:
            if found := self._under_way.get(host):
                return found
            if len(self._under_way) >= MOST_LOOKUPS:
                raise OSError("too many names are being looked up")
            found = self._under_way[host] = Future()
        # Who gives up waiting must not take the answer from the others.
        found.set_running_or_notify_cancel()
        answering = threading.Thread(target=self._answer, args=(host, port, found), daemon=True)
        answering.start()
        return found

    def _answer(self, host: str, port: int, found: "Future[list[Address]]") -> None:
        try:
            addresses = _look_up(host, port)
        except (OSError, ValueError) as fault:
            self._forget(host)
            found.set_exception(fault)
        else:
            self._forget(host)
            found.set_result(addresses)

    def _forget(self, host: str) -> None:
        with self._lock:
            del self._under_way[host]


_lookups = Lookups()


def _look_up(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(one[4][0]).partition("%")[0]) for one in found))


def _check_address(host: str, address: Address) -> None:
    if _allowed_by_operator(host, address):
        return
    if not all(_is_public(one) for one in _layers(address)):
        raise Refused(
            "must not lead into a private network; the operator can allow it in PLACET_OUTBOUND_ALLOW"
        )


def _is_public(address: Address) -> bool:
    # What IPv6 hands out for the internet is one eighth of it; `is_global` also says yes to blocks nobody may route.
    return (
        address.is_global
        and not address.is_multicast
        and (address.version == 4 or address in _UNICAST)
    )


def _layers(address: Address) -> list[Address]:
    """The address, and the IPv4 address it may carry inside."""
    if isinstance(address, IPv4Address):
        return [address]
    number = int(address)
    inner = address.ipv4_mapped or address.sixtofour
    if address in _TEREDO:
        inner = IPv4Address(~number & 0xFFFFFFFF)
    elif address in _NAT64:
        # These are global in name only: what counts is where the translator sends them.
        return [IPv4Address(number & 0xFFFFFFFF)]
    return [address, inner] if inner else [address]


def _allowed_by_operator(host: str, address: Address) -> bool:
    _, networks = _allowed()
    return _named_by_operator(host) or any(address in network for network in networks)


def _named_by_operator(host: str) -> bool:
    names, networks = _allowed()
    if host.lower().rstrip(".") in names:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)


def _allowed() -> tuple[frozenset[str], tuple[Network, ...]]:
    return _sorted_out(tuple(settings.PLACET_OUTBOUND_ALLOW))


@lru_cache(maxsize=4)
def _sorted_out(entries: tuple[str, ...]) -> tuple[frozenset[str], tuple[Network, ...]]:
    """Names, and networks. What is a network may also be meant as a name: it does no harm there."""
    networks = []
    for entry in entries:
        with suppress(ValueError):
            networks.append(ip_network(entry, strict=False))
    return frozenset(entry.lower() for entry in entries), tuple(networks)


def _result(host: str, port: int, address: Address) -> ResolveResult:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return {
        "hostname": host, "host": str(address), "port": port, "family": family, "proto": 0,
        "flags": socket.AI_NUMERICHOST,
    }  # fmt: skip


def _said(error: Exception) -> str:
    """What went wrong, without the address it went wrong at: its path and query may be credentials, and this is kept."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"no answer in HTTP: {error.message.partition(':')[0]}"[:LONGEST_SAID]
    if isinstance(error, aiohttp.InvalidURL):
        return "no address"
    return str(error)[:LONGEST_SAID] or type(error).__name__


def _refusal_in(error: BaseException | None) -> Refused | None:
    """aiohttp wraps what its resolver raises."""
    while error is not None:
        if isinstance(error, Refused):
            return error
        error = error.__cause__ or error.__context__
    return None
