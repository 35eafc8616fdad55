"""Refusals that only files know."""

from placet.lib.errors import FieldError, PlacetError


class OverLimit(PlacetError):
    """Too large or too many; says where, how much is allowed, and how much it was."""

    code, status = "too_big", 413

    def __init__(self, field: str, rule: str, got: int) -> None:
        message = f"must be at most {rule}; got {got}"
        super().__init__(f"{field} {message}", errors=[FieldError(field, message)])
