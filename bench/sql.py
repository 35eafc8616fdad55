"""What the SQL of a piece of code costs: its statements are caught, then run again on a bare driver connection."""

import sqlite3
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.sqlite3._functions import register

ROUNDS, PATIENCE = 15, 2.0


@dataclass(frozen=True)
class Cost:
    seconds: float
    queries: int
    #: Of that, the last statement: on a page it brings the rows whose ids the others have found.
    rows: float


def cost(code: Callable[[], Any]) -> Cost:
    """The best of a few rounds of executing and fetching everything: on shared cores the others tell of the neighbours."""
    caught = statements(code)
    raw = _raw()
    times: list[tuple[float, float]] = []
    started = time.perf_counter()
    while len(times) < ROUNDS and (not times or time.perf_counter() - started < PATIENCE):
        begun = last = time.perf_counter()
        for sql, params in caught:
            last = time.perf_counter()
            raw.execute(sql, params).fetchall()
        ended = time.perf_counter()
        times.append((ended - begun, ended - last))
    raw.connection.close()
    seconds, rows = min(times)
    return Cost(seconds, len(caught), rows)


def statements(code: Callable[[], Any]) -> list[tuple[str, Any]]:
    caught: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        caught.append(_bare(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        code()
    return caught


def _bare(sql: str, params: Any) -> tuple[str, Any]:
    """As the driver itself spells it."""
    if connection.vendor != "sqlite":
        return sql, params
    plain = [one.hex if isinstance(one, uuid.UUID) else one for one in params or ()]
    return sql.replace("%s", "?").replace("%%", "%"), plain


def _raw() -> Any:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        raw = sqlite3.connect(settings["NAME"], isolation_level=None)
        register(raw)
        return raw.cursor()
    where = {"host": settings["HOST"], "port": settings["PORT"] or 5432, "dbname": settings["NAME"]}
    who = {"user": settings["USER"], "password": settings["PASSWORD"] or None}
    return psycopg.connect(**where, **who, autocommit=True).cursor()
