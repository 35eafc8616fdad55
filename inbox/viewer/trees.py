"""JSON that folds: one <details> for each object and list."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

#: More than anybody unfolds; beyond them the text is there to be read.
MOST_NODES, DEEPEST, MOST_OPEN, LONGEST = 5_000, 40, 3, 2_000


class _Number(str):
    """As it was written, however long."""


def tree_of(text: str) -> SafeString | None:
    """None for what is no JSON, or too much to fold."""
    try:
        value = json.loads(text, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        return None
    if len(list(islice(_nodes(value), MOST_NODES + 1))) > MOST_NODES:
        return None
    try:
        return mark_safe("".join(_told(value, "", 0)))  # noqa: S308 - each name and value is escaped
    except _TooDeep:
        return None


class _TooDeep(Exception):
    pass


def _nodes(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()


def _told(value: Any, name: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        raise _TooDeep
    if not isinstance(value, dict | list) or not value:
        yield f'<div class="value">{name}{_leaf(value)}</div>'
        return
    ends, count = ("{}", "key") if isinstance(value, dict) else ("[]", "item")
    told = f"{len(value)} {count}{'' if len(value) == 1 else 's'}"
    yield f"<details{' open' if depth < MOST_OPEN else ''}><summary>{name}{ends[0]}"
    yield f'<span class="muted">{told}</span>{ends[1]}</summary>'
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        label = f'<span class="na">{escape(json.dumps(key, ensure_ascii=False))}</span>: '
        yield from _told(one, label if isinstance(value, dict) else "", depth + 1)
    yield "</details>"


def _leaf(value: Any) -> str:
    if isinstance(value, _Number):
        return f'<span class="m">{escape(value)}</span>'
    written = json.dumps(value, ensure_ascii=False)
    shown = written if len(written) <= LONGEST else f"{written[:LONGEST]}…"
    return f'<span class="{"s" if isinstance(value, str) else "kc"}">{escape(shown)}</span>'
