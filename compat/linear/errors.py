"""Refusals in Linear's shape. The SDK makes its exception of the first one's `extensions.type`."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from graphql import GraphQLError

from placet.lib.errors import (
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PlacetError,
    TooBig,
    TooManyRequests,
    Unauthorized,
)

log = logging.getLogger(__name__)
Json = dict[str, Any]


class Kind(NamedTuple):
    """`http` is what the answer as a whole says; Linear answers some refusals 200."""

    type: str
    code: str
    status: int
    http: int
    user: bool = True


WRONG = Kind("invalid input", "INPUT_ERROR", 400, 400)
NOT_GRAPHQL = Kind("graphql error", "GRAPHQL_VALIDATION_FAILED", 400, 400)
FAULT = Kind("internal error", "INTERNAL_SERVER_ERROR", 500, 500, user=False)
_KINDS: tuple[tuple[type[PlacetError], Kind], ...] = (
    (Unauthorized, Kind("authentication error", "AUTHENTICATION_ERROR", 401, 401)),
    (TooManyRequests, Kind("ratelimited", "RATELIMITED", 429, 429)),
    (Busy, Kind("lock timeout", "LOCK_TIMEOUT", 503, 503, user=False)),
    (Forbidden, Kind("forbidden", "FORBIDDEN", 403, 200)),
    (Conflict, Kind("user error", "USER_ERROR", 409, 200)),
    (NotFound, WRONG),
    (TooBig, WRONG),
    (Invalid, WRONG),
)


class Refused(NamedTuple):
    """The errors of an answer, and its HTTP status."""

    errors: list[Json]
    status: int


def refused(errors: Iterable[GraphQLError], *, unless: Kind = WRONG) -> Refused:
    """`unless`: what an error is that no service of ours raised."""
    kinds = [(_kind_of(error, unless), error) for error in errors]
    return Refused([_json(kind, error) for kind, error in kinds], kinds[0][0].http)


def refused_by(refusal: PlacetError) -> Refused:
    return refused([GraphQLError(refusal.message, original_error=refusal)])


def _kind_of(error: GraphQLError, unless: Kind) -> Kind:
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    if isinstance(cause, PlacetError):
        return next((kind for what, kind in _KINDS if isinstance(cause, what)), WRONG)
    if cause is None or isinstance(cause, GraphQLError):
        return unless
    log.error("linear.failed", exc_info=cause)
    return FAULT


def _json(kind: Kind, error: GraphQLError) -> Json:
    said = _said(kind, error)
    shaped: Json = {"message": said}
    if error.path:
        shaped["path"] = error.path
    if error.locations:
        shaped["locations"] = [at.formatted for at in error.locations]
    shaped["extensions"] = {
        "type": kind.type,
        "code": kind.code,
        "statusCode": kind.status,
        "userError": kind.user,
        "userPresentableMessage": said,
    }
    return shaped


def _said(kind: Kind, error: GraphQLError) -> str:
    """What went wrong inside is nobody's business."""
    if kind is FAULT:
        return "Something went wrong in Placet."
    cause = error.original_error
    return _in_their_words(cause) if isinstance(cause, PlacetError) else error.message


def _in_their_words(refusal: PlacetError) -> str:
    """The fields by Linear's names."""
    told = [replace(one, path=_their_path(one.path)) for one in refusal.errors]
    return "; ".join(f"{one.path} {one.message}" for one in dict.fromkeys(told)) or refusal.message


def _their_path(path: str) -> str:
    for ours, theirs in _PATHS.items():
        if path == ours or path.startswith(f"{ours}."):
            return theirs + path.removeprefix(ours)
    return path


_PATHS = {
    "content.parameters.parameter": "content.parameter",
    "contentMetadata": "contextualMetadata",
    "links": "externalUrls",
    "addedLinks": "addedExternalUrls",
    "body.summary": "summary",
    "messageId": "commentId",
    "type": "content.type",
}
