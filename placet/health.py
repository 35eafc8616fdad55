"""Is it alive, is it ready, and what an error says when no view was reached."""

import logging

from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from placet.lib.clock import iso, now
from placet.lib.errors import Forbidden, Invalid, NotFound, PlacetError
from placet.lib.rest import error_response

log = logging.getLogger(__name__)
# Once the database knows every migration of this code it goes on knowing them; looking costs the whole graph, and anybody may ask.
_migrated: set[bool] = set()


def health(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok", "timestamp": iso(now())})


def ready(request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database answers and knows every migration."""
    try:
        _ask_the_database()
        pending = 0 if _migrated else _pending_migrations()
    except DatabaseError as error:
        return JsonResponse({"status": "unavailable", "database": type(error).__name__}, status=503)
    if pending:
        return JsonResponse({"status": "unavailable", "migrations": pending}, status=503)
    _migrated.add(True)
    return JsonResponse({"status": "ok", "timestamp": iso(now())})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, DisallowedHost):
        host = request.META.get("HTTP_HOST", "")
        log.warning("Refused the host %r: PLACET_ALLOWED_HOSTS does not name it.", host)
        return _say(request, Invalid(f"This server does not answer to {host}."))
    return _say(request, Invalid("Bad request"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _say(request, Forbidden("Forbidden"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _say(request, NotFound("Not found"))


def server_error(request: HttpRequest) -> HttpResponse:
    refusal = PlacetError("Internal server error")
    refusal.status, refusal.code = 500, "internal"
    return _say(request, refusal)


def _say(request: HttpRequest, refusal: PlacetError) -> HttpResponse:
    if request.path.startswith("/api/"):
        return error_response(refusal, request)
    return render(request, f"{refusal.status}.html", {"refusal": refusal}, status=refusal.status)


def _ask_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
