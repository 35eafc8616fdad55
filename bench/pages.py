"""Pages and search at a million messages, in SQL time, on SQLite and, where there is one, PostgreSQL.

Each database is seeded anew: open questions age. `python -m bench.pages` alone takes some minutes for it.
"""

import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.report import ms, row, section
from tests import needs
from tests.processes import ROOT, clean_environment

PAGE, DEEP = 50, 500_000


@dataclass
class Figure:
    what: str
    goal: str
    figure: str
    baseline: str = ""
    ratio: str = ""
    held: bool | None = None


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="placet-bench-") as folder:
        _show("SQLite", {"PLACET_DATA_DIR": folder})
    if url := needs.postgres_url():
        with tempfile.TemporaryDirectory() as folder, database_of_its_own(url) as database:
            _show("PostgreSQL", {"PLACET_DATA_DIR": folder, "DATABASE_URL": database})


def _show(name: str, env: dict[str, str]) -> None:
    section(f"Pages and search, {name}")
    rows = {key: value for key, value in os.environ.items() if key == "PLACET_BENCH_ROWS"}
    measure = [sys.executable, "-m", "bench.pages", "measure"]
    with subprocess.Popen(
        measure, cwd=ROOT, env=clean_environment({**env, **rows}), stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        for line in child.stdout:
            row(**json.loads(line))
    if child.returncode:
        raise RuntimeError(f"Measuring on {name} ended with {child.returncode}.")


@contextmanager
def database_of_its_own(url: str) -> Iterator[str]:
    name = f"placet_bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def measure() -> None:
    """In a process of its own, whose settings name the database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "placet.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from bench import seed

    call_command("migrate", verbosity=0)
    seed.fill()
    for figure in _figures():
        print(json.dumps(asdict(figure)), flush=True)


def _figures() -> Iterator[Figure]:
    from django.db import connection

    from bench.scenes import Scenes

    scenes = Scenes()
    lite = connection.vendor == "sqlite"
    yield from _pages(scenes)
    yield from _searches(scenes, 0.001 if lite else 0.005)
    yield from _others(scenes)


def _pages(scenes: Any) -> Iterator[Figure]:
    from bench.sql import cost

    for name, page, offset in scenes.pages():
        yield _page(name, page, offset)
    first, deep, offset = scenes.channel(None), scenes.channel(DEEP), scenes.channel_offset(DEEP)
    one, other, naive = cost(first), cost(deep), cost(offset)
    yield Figure(
        f"channel, {min(DEEP, scenes.loud_count * 9 // 10):,} messages down",
        "≤ 1.5 x the first page",
        ms(other.seconds),
        f"first page {ms(one.seconds)}; OFFSET {ms(naive.seconds)}",
        f"{other.seconds / one.seconds:.2f} x",
        other.seconds <= 1.5 * one.seconds,
    )


def _page(name: str, page: Callable[[], Any], naive: Callable[[], Any]) -> Figure:
    """SQLite keeps the goal with the fifty cards whole. PostgreSQL keeps it in finding them; to bring them takes longer."""
    from django.db import connection

    from bench.sql import cost

    ours, theirs = cost(page), cost(naive)
    found = ours.seconds - (0.0 if connection.vendor == "sqlite" else ours.rows)
    return Figure(
        f"{name}, {ours.queries} queries",
        "≤ 0.3 ms",
        ms(found),
        f"with its cards {ms(ours.seconds)}; OFFSET {ms(theirs.seconds)}",
        f"{ours.seconds / theirs.seconds:.3f} x",
        found <= 0.0003,
    )


def _searches(scenes: Any, goal: float) -> Iterator[Figure]:
    for name, search, scan in scenes.searches():
        yield _against(name, goal, search, "scan", scan)


def _others(scenes: Any) -> Iterator[Figure]:
    from bench.sql import cost

    for name, code in scenes.others():
        spent = cost(code)
        yield Figure(f"{name}, {spent.queries} queries", "", ms(spent.seconds))


def _against(
    name: str, goal: float, code: Callable[[], Any], baseline: str, naive: Callable[[], Any]
) -> Figure:
    from bench.sql import cost

    ours, theirs = cost(code), cost(naive)
    return Figure(
        f"{name}, {ours.queries} queries",
        f"≤ {goal * 1000:g} ms",
        ms(ours.seconds),
        f"{baseline} {ms(theirs.seconds)}",
        f"{ours.seconds / theirs.seconds:.3f} x",
        ours.seconds <= goal,
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        measure()
    else:
        main()
