"""Is it alive, is it ready, and what an error says when no view was reached."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from placet.lib.clock import iso, now
from placet.lib.errors import Forbidden, Invalid, NotFound, PlacetError
from placet.lib.rest import error_response


def health(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok", "timestamp": iso(now())})


def ready(request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database answers and knows every migration."""
    try:
        pending = _pending_migrations()
    except DatabaseError as error:
        return JsonResponse({"status": "unavailable", "database": type(error).__name__}, status=503)
    if pending:
        return JsonResponse({"status": "unavailable", "migrations": pending}, status=503)
    return JsonResponse({"status": "ok", "timestamp": iso(now())})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
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


def _pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
