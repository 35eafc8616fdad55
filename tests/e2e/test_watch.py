"""The watchman himself: what he would miss, every other test here would miss."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.e2e.stage import Watch

Window = Callable[..., Page]


def test_the_watch_sees_what_it_is_there_for(page: Page, watch: Watch) -> None:
    page.goto("/inbox/")
    assert not watch.surprises
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    page.evaluate("document.body.setAttribute('onclick', 'window.__xss = 1')")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=color:red>x</p>')")
    page.evaluate("fetch('https://evil.example/').catch(() => 0)")
    page.evaluate("setTimeout(() => { throw new Error('oh') })")
    page.evaluate("setTimeout(() => alert('ho'))")
    page.evaluate(
        "document.body.append(new DOMParser().parseFromString('<img src=/xss-canary>', 'text/html').images[0])"
    )
    page.wait_for_timeout(300)
    seen = "\n".join(watch.surprises)
    for what in ("CSP script-src-elem", "CSP script-src-attr", "CSP style-src", "CSP connect-src"):
        assert what in seen, seen
    for what in ("uncaught", "a dialog: ho", "touched the canary"):
        assert what in seen, seen
    watch.expect("")
