"""Plane's pages: a cursor is `size:page:is_prev`, and one envelope has every key that either SDK insists on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from placet.lib.errors import Invalid
from placet.lib.ids import parse_id
from placet.lib.wording import must_be

MOST = 100


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which page was asked for. `mark` is its number, or for what is walked by keys the key it begins after."""

    size: int
    mark: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """`per_page` counts for the first page; then its cursor knows."""
        if given := query.get("cursor"):
            size, mark, _ = given.split(":") if given.count(":") == 2 else ("", "", "")
            return cls(size=_size(size, "cursor", "a cursor of this list", given), mark=mark)
        given = query.get("per_page") or str(MOST)
        return cls(size=_size(given, "per_page", f"a number from 1 to {MOST}", given), mark="0")

    @property
    def is_first(self) -> bool:
        return self.mark == "0"

    @property
    def page(self) -> int:
        if not _is_number(self.mark):
            raise _no_cursor(self.mark)
        return int(self.mark)

    @property
    def key(self) -> str | None:
        """None for the first page."""
        if not self.is_first and parse_id(self.mark) is None:
            raise _no_cursor(self.mark)
        return None if self.is_first else self.mark


def _size(size: str, field: str, rule: str, given: str) -> int:
    if not _is_number(size):
        raise Invalid.field(field, must_be(rule, given))
    return max(1, min(int(size), MOST))


def _no_cursor(given: str) -> Invalid:
    return Invalid.field("cursor", must_be("a cursor of this list", given))


def numbered(results: Sequence[Any], wanted: Wanted, *, total: int) -> dict[str, Any]:
    """The envelope of a page that is known by its number."""
    page = wanted.page
    return envelope(
        results,
        total=total,
        size=wanted.size,
        next_mark=str(page + 1),
        prev_mark=str(max(0, page - 1)),
        has_next=(page + 1) * wanted.size < total,
        has_prev=page > 0,
    )


def envelope(
    results: Sequence[Any],
    *,
    total: int,
    size: int,
    next_mark: str,
    prev_mark: str,
    has_next: bool,
    has_prev: bool,
) -> dict[str, Any]:
    return {
        "grouped_by": None,
        "sub_grouped_by": None,
        "total_count": total,
        "total_results": total,
        "total_pages": -(-total // size),
        "count": len(results),
        "next_cursor": f"{size}:{next_mark}:0",
        "prev_cursor": f"{size}:{prev_mark}:1",
        "next_page_results": has_next,
        "prev_page_results": has_prev,
        # Null: the documentation has an object here, which one of the SDKs refuses.
        "extra_stats": None,
        "results": list(results),
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
