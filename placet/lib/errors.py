"""What a service says when it refuses: a stable code, an HTTP status, and the facts. Each door renders it in its own accent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from placet.lib.limits import Standing


@dataclass(frozen=True)
class FieldError:
    """One refused field: `path` is dotted as on the wire ("review.payload.options.0.label"); `message` names rule and value."""

    path: str
    message: str


class PlacetError(Exception):
    """A refusal a caller can act on. `extra` holds facts (who won, when to retry); never a secret."""

    code = "error"
    status = 400

    def __init__(self, message: str, *, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.errors = tuple(errors)
        self.extra = extra

    def in_words(self) -> str:
        """For a terminal, where there is no place for a list of fields."""
        faults = [f"{error.path} {error.message}" for error in self.errors]
        return "; ".join(faults) or self.message


class Invalid(PlacetError):
    """The input breaks a rule; `errors` says which field, which rule, which value."""

    code, status = "invalid", 400

    @classmethod
    def field(cls, path: str, message: str) -> "Invalid":
        return cls("Validation failed", errors=[FieldError(path, message)])


class Faults:
    """Several checks, one refusal: each runs in `with faults:`, and `tell` raises what all of them found."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.extra: dict[str, Any] = {}

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, refused: object, trace: object) -> bool:
        if not isinstance(refused, Invalid):
            return False
        self.errors += refused.errors
        self.extra |= refused.extra
        return True

    def tell(self) -> None:
        if self.errors:
            raise Invalid("Validation failed", errors=self.errors, **self.extra)


class Unauthorized(PlacetError):
    code, status = "unauthorized", 401


class Forbidden(PlacetError):
    code, status = "forbidden", 403


class NotFound(PlacetError):
    """Also what a stranger is told: a stranger's row and no row look the same."""

    code, status = "not_found", 404


class NotAllowed(PlacetError):
    """`allow` travels in `extra` and becomes the Allow header."""

    code, status = "method_not_allowed", 405

    def __init__(self, method: str | None, *, allow: str) -> None:
        super().__init__(f'Method "{method}" not allowed.', allow=allow)


class Conflict(PlacetError):
    code, status = "conflict", 409


class TooBig(PlacetError):
    code, status = "too_big", 413

    def __init__(self, most: int, got: int | None = None) -> None:
        seen = "" if got is None else f"; got {got}"
        super().__init__(f"The body must be at most {most} bytes{seen}.")


class Busy(PlacetError):
    """Not the caller's doing: the process has no room just now. `retry_after` as for TooManyRequests."""

    code, status = "busy", 503

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, retry_after=retry_after)


class TooManyRequests(PlacetError):
    """`retry_after` (whole seconds) travels in `extra` and becomes the Retry-After header. `standing`: of the limit, if one counted."""

    code, status = "too_many_requests", 429

    def __init__(
        self, message: str, *, retry_after: int, standing: "Standing | None" = None
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.standing = standing
