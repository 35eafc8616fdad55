"""JSON, written out in lines: a page folds it by its own structure."""

import json
import re
import secrets
from pathlib import Path

from .base import Made, Preview
from .plain import read_text


class Json(Preview):
    slug = "json"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type == "application/json"

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        text, cut = read_text(source)
        tidy = None if cut else _tidy(text)
        return Made(data={"text": tidy or text, "is_valid": tidy is not None}, cut=cut)


def _tidy(text: str) -> str | None:
    """Indented; None for what is no JSON. Numbers stay as they were written, however long."""
    mark = secrets.token_hex(8)
    try:
        value = json.loads(text, parse_int=mark.__add__, parse_float=mark.__add__)
        tidy = json.dumps(value, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    return re.sub(f'"{mark}([^"]*)"', r"\1", tidy)
