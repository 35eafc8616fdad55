"""The host that people are shown is the one their browser goes to."""

import pytest

from placet.lib.addresses import host_of
from runs.templatetags.runs import other_host


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://ci.example/1", "ci.example"),
        ("https://ci.example:8443/1", "ci.example:8443"),
        ("http://jenkins_2:8080/", "jenkins_2:8080"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"),
        ("https://user:secret@faß.de/", "xn--fa-hia.de"),
        ("https://faß.de/", "xn--fa-hia.de"),
        ("https://βόλος.gr/", "xn--nxasmm1c.gr"),
        # A final sigma only where it was written: Python's `lower()` makes one of a capital.
        ("https://ΒΌΛΟΣ.gr/", "xn--nxasmq6b.gr"),
        ("https://exämple:8080/", "xn--exmple-cua:8080"),
        ("https://EXÄMPLE.de:8080/", "xn--exmple-cua.de:8080"),
        ("https://\uff46ass\u3002de/", "fass.de"),
        # No name by today's rules, but browsers go there: what they would write is not guessed at.
        ("https://\U0001f4a9.la:8080/", "\\U0001f4a9.la:8080"),
        (f"https://{'ä' * 64}.de/", "\\xe4" * 64 + ".de"),
        ("ftp://faß.de/", ""),
    ],
)
def test_a_host_is_named_as_browsers_ask_for_it(address: str, host: str) -> None:
    assert host_of(address) == host


def test_a_label_that_only_looks_like_the_host_does_not_hide_it() -> None:
    assert other_host({"label": "fass.de", "url": "https://faß.de/"}) == "xn--fa-hia.de"
    assert other_host({"label": "fass.de", "url": "https://fass.de/"}) == ""
