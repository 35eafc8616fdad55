"""Every route of the URL table, filled with the ids of somebody's own things."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

# Doors that need nobody: each must justify itself here.
PUBLIC = {
    "health": "liveness",
    "ready": "readiness",
    "docs": "the API's page",
    "schema": "the API's schema",
    "home": "redirects to the inbox",
    "favicon": "a picture",
    "accounts:sign-in": "where people come in",
    "accounts:sign-out": "signing out twice is no secret",
    "accounts-api:login": "where people's scripts come in",
    "accounts-api:logout": "the reference answers it unauthenticated",
    "settings:home": "redirects to the profile page",
    "files-api:shared": "guarded by a signature that lasts an hour",
    "welcome:setup": "guarded by a signed one-time link",
}


class Route(NamedTuple):
    name: str
    path: str
    has_object: bool


def routes(things: Mapping[str, object]) -> Iterator[Route]:
    """All routes but Django admin's (it has its own tests) and static files."""
    yield from _walk(get_resolver().url_patterns, "/", "", things)


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str, space: str, things: Mapping[str, object]
) -> Iterator[Route]:
    for pattern in patterns:
        assert isinstance(pattern.pattern, RoutePattern)
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            if pattern.namespace != "admin":
                yield from _walk(pattern.url_patterns, here, inner, things)
        else:
            yield _filled(pattern, here, space, things)


def _filled(pattern: URLPattern, path: str, space: str, things: Mapping[str, object]) -> Route:
    for name in pattern.pattern.converters:
        path = re.sub(rf"<\w+:{name}>", str(things[name]), path)
    assert "<" not in path, f"{path}: teach the test what this parameter is."
    # The workspace is everybody's.
    return Route(f"{space}{pattern.name}", path, bool(pattern.pattern.converters.keys() - {"slug"}))
