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
        given = query.get("cursor") or f"{query.get('per_page') or MOST}:0:0"
        size, mark, _ = given.split(":") if given.count(":") == 2 else ("", "", "")
        if not _is_number(size):
            raise Invalid.field("cursor", must_be("a cursor of this list", given))
        return cls(size=max(1, min(int(size), MOST)), mark=mark)

    @property
    def page(self) -> int:
        if not _is_number(self.mark):
            raise Invalid.field("cursor", must_be("a cursor of this list", self.mark))
        return int(self.mark)

    @property
    def key(self) -> str | None:
        """None for the first page."""
        if self.mark == "0":
            return None
        if parse_id(self.mark) is None:
            raise Invalid.field("cursor", must_be("a cursor of this list", self.mark))
        return self.mark


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
