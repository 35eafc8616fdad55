"""`/metrics`: what Prometheus is told of this process and of the database, if it has the token."""

import asyncio
import hmac
import logging

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from placet.lib.errors import FieldError, NotAllowed, NotFound, PlacetError, Unauthorized
from placet.lib.metrics import read_database, written
from placet.lib.rest import error_response
from placet.pool import on_pool

log = logging.getLogger(__name__)
#: A database that does not answer must not keep the rest from being told; Prometheus itself waits for ten seconds.
PATIENCE_SECONDS = 5.0
HOW = FieldError("Authorization", "must be: Bearer and the token of PLACET_METRICS_TOKEN")


# A token in a header is no cookie: there is no form to ask for another one.
@csrf_exempt
async def metrics(request: HttpRequest) -> HttpResponse:
    """404 where no token is set, 401 without it. The figures of the process come also when the database does not answer."""
    try:
        _refuse(request)
    except PlacetError as refusal:
        return error_response(refusal, request)
    return HttpResponse(await _told(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _refuse(request: HttpRequest) -> None:
    if not settings.PLACET_METRICS_TOKEN:
        raise NotFound("Not found")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.PLACET_METRICS_TOKEN.encode()
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), expected):
        raise Unauthorized("Missing or invalid metrics token", errors=[HOW])
    if request.method not in ("GET", "HEAD"):
        raise NotAllowed(request.method, allow="GET, HEAD")


async def _told() -> bytes:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await on_pool(_with_database)
    except (Error, TimeoutError) as fault:
        log.warning("metrics.without_database", extra={"fault": type(fault).__name__})
        return written([_up(False)])


def _with_database() -> bytes:
    return written([*read_database(), _up(True)])


def _up(answers: bool) -> Metric:
    said = "1 when the database answered this scrape. Its other figures are absent when it did not."
    return GaugeMetricFamily("placet_database_up", said, value=float(answers))
