"""Refusals that only files know."""

from typing import Any

from placet.lib.errors import Conflict, FieldError, PlacetError


class OverLimit(PlacetError):
    """Too large or too many; says where, how much is allowed, and how much it was."""

    code, status = "too_big", 413

    def __init__(self, field: str, rule: str, got: int) -> None:
        message = f"must be at most {rule}; got {got}"
        super().__init__(f"{field} {message}", errors=[FieldError(field, message)])


class MarksChanged(Conflict):
    """Drawn over what is not there any more; `version` and `marks` say what is."""

    code = "marks_changed"

    def __init__(self, version: int, marks: list[dict[str, Any]]) -> None:
        super().__init__("The marks were changed elsewhere.", version=version, marks=marks)
