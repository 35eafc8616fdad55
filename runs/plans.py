"""Plan, summary and links of a run, checked. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from placet.lib.addresses import LINK, is_link
from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import at_most, must_be, one_of, seen
from reviews.types.plain import json_object

STATUSES = ("pending", "inProgress", "completed", "canceled")
MOST_STEPS, MOST_LINKS = 200, 50
LONGEST_STEP, LONGEST_LABEL, LONGEST_URL, LONGEST_SUMMARY = 1_000, 200, 2_000, 255
Link = dict[str, str]
Step = dict[str, Any]


def clean_plan(plan: object, *, path: str = "plan") -> list[Step] | None:
    """The whole plan, which replaces the one before; None takes it away."""
    if plan is None:
        return None
    steps = _items(plan, path, MOST_STEPS)
    if errors := [fault for n, step in enumerate(steps) for fault in _wrong_step(step, path, n)]:
        raise Invalid("Validation failed", errors=errors)
    return [{"content": step["content"], "status": step["status"]} for step in steps]


def clean_links(links: object, *, path: str = "links") -> list[Link]:
    """Labelled links, one for each URL: the last one of the same URL wins, in the place of the first."""
    given = _items([] if links is None else links, path, MOST_LINKS)
    if errors := [fault for n, link in enumerate(given) for fault in _wrong_link(link, path, n)]:
        raise Invalid("Validation failed", errors=errors)
    return merged((), given)


def merged(before: Sequence[Link], added: Iterable[Link]) -> list[Link]:
    by_url = {link["url"]: link["label"] for link in (*before, *added)}
    return [{"label": label, "url": url} for url, label in by_url.items()]


def with_added(before: Sequence[Link], added: Iterable[Link], *, path: str = "links") -> list[Link]:
    links = merged(before, added)
    if len(links) > MOST_LINKS:
        raise Invalid.field(path, at_most(MOST_LINKS, "link in all", len(links)))
    return links


def clean_summary(summary: object) -> str:
    """One line; None or nothing takes it away."""
    if summary is None:
        return ""
    if not isinstance(summary, str) or any(sign in summary for sign in "\r\n"):
        raise Invalid.field("summary", must_be("one line of text", summary))
    if len(summary) > LONGEST_SUMMARY:
        raise Invalid.field("summary", at_most(LONGEST_SUMMARY, "character", len(summary)))
    json_object({"summary": summary}, path="body")
    return summary.strip()


def _items(given: object, path: str, most: int) -> list[dict[str, Any]]:
    if not isinstance(given, list | tuple):
        raise Invalid.field(path, must_be("an array", given))
    if len(given) > most:
        raise Invalid.field(path, at_most(most, "item", len(given)))
    return [json_object(one, path=f"{path}.{n}") for n, one in enumerate(given)]


def _wrong_step(step: Step, path: str, n: int) -> Iterable[FieldError]:
    if fault := _wrong_text(step.get("content"), LONGEST_STEP):
        yield FieldError(f"{path}.{n}.content", fault)
    if step.get("status") not in STATUSES:
        rule = must_be(one_of(STATUSES), step.get("status"))
        yield FieldError(f"{path}.{n}.status", rule)


def _wrong_link(link: dict[str, Any], path: str, n: int) -> Iterable[FieldError]:
    if fault := _wrong_text(link.get("label"), LONGEST_LABEL):
        yield FieldError(f"{path}.{n}.label", fault)
    url = link.get("url")
    if fault := _wrong_text(url, LONGEST_URL):
        yield FieldError(f"{path}.{n}.url", fault)
    elif not is_link(str(url)):
        yield FieldError(f"{path}.{n}.url", must_be(LINK, url))


def _wrong_text(text: object, most: int) -> str:
    if text is None:
        return "is required"
    if not isinstance(text, str):
        return must_be("a string", text)
    if not text.strip():
        return f"must not be blank; got {seen(text)}"
    return at_most(most, "character", len(text)) if len(text) > most else ""
