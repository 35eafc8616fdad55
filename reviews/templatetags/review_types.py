"""The two things these templates cannot spell themselves."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def at(errors: Any, path: str) -> str:
    """The message at exactly this path, or nothing: paths have dots, which templates take apart. Also nothing where the page has no errors at all."""
    return errors.get(path, "") if isinstance(errors, dict) else ""


@register.filter
def kept_whole(text: str) -> str:
    """For inside a <textarea>, whose first line break an HTML parser drops."""
    return f"\n{text}" if text.startswith("\n") else text
