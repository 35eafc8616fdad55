"""Words in the pages of a document: on which, how often, and what stands around them."""

import re
from dataclasses import dataclass
from itertools import islice

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

AROUND, MOST_SHOWN = 60, 3


@dataclass(frozen=True, kw_only=True)
class Hit:
    page: int
    count: int
    extracts: tuple[SafeString, ...]


def find(texts: list[str], words: str) -> list[Hit]:
    """Upper and lower case alike; a line's end counts as a blank."""
    wanted = re.compile(r"\s+".join(map(re.escape, words.split())), re.IGNORECASE)
    found = []
    for page, text in enumerate(texts, 1):
        places = [(one.start(), one.end()) for one in wanted.finditer(text)]
        if places:
            extracts = tuple(_extract(text, *place) for place in islice(places, MOST_SHOWN))
            found.append(Hit(page=page, count=len(places), extracts=extracts))
    return found


def _extract(text: str, start: int, end: int) -> SafeString:
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    parts = (" ".join(f"x{part}x".split())[1:-1] for part in (before, text[start:end], after))
    head, hit, tail = (escape(part) for part in parts)
    dots = ("…" * (start > AROUND), "…" * (end + AROUND < len(text)))
    return mark_safe(f"{dots[0]}{head}<mark>{hit}</mark>{tail}{dots[1]}")  # noqa: S308 - each part is escaped
