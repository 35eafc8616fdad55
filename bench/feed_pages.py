"""Pages of the feed at a million events, in SQL time, on SQLite and, where there is one, PostgreSQL."""

import json
import os
import random
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from bench.pages import Figure, database_of_its_own
from bench.report import ms, row, section
from tests import needs
from tests.processes import ROOT, clean_environment

ROWS = int(os.environ.get("PLACET_BENCH_ROWS", "1000000"))
AGENTS, QUIET, NEAR = 100, 50, 50
RARE = "review:cancelled"
COMMON = ("message:created", "message:created", "review:responded", "agent:status", "channel:read")
EVENT = "INSERT INTO events_eventrow (type, data, agent_id, actor, recorded_at) VALUES (%s, '{}', %s, 'system', %s)"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="placet-bench-") as folder:
        _show("SQLite", {"PLACET_DATA_DIR": folder})
        if url := needs.postgres_url():
            with database_of_its_own(url) as database:
                _show("PostgreSQL", {"PLACET_DATA_DIR": folder, "DATABASE_URL": database})


def _show(name: str, env: dict[str, str]) -> None:
    section(f"The feed at {ROWS:,} events of {AGENTS} agents, one as loud as all others, {name}")
    sized = {"PLACET_BENCH_ROWS": str(ROWS)}
    measure = [sys.executable, "-m", "bench.feed_pages", "measure"]
    done = subprocess.run(
        measure,
        cwd=ROOT,
        env=clean_environment({**env, **sized}),
        stdout=subprocess.PIPE,
        check=True,
    )
    for line in done.stdout.splitlines():
        row(**json.loads(line))


def measure() -> None:
    """In a process of its own, whose settings name the database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "placet.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    for figure in _figures(_fill()):
        print(json.dumps(asdict(figure)), flush=True)


def _fill() -> list[uuid.UUID]:
    """A hundred agents; half of them have hardly anything to tell, and of one type there is hardly any."""
    from django.db import connection, transaction

    rng, lite = random.Random(7), connection.vendor == "sqlite"
    agents = [uuid.UUID(int=rng.getrandbits(128)) for _ in range(AGENTS)]

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(ROWS):
            loud = rng.random() < 0.55
            agent = agents[0] if loud else rng.choice(agents[:-QUIET])
            agent = rng.choice(agents[-QUIET:]) if number % (ROWS // 20) == 0 else agent
            type = RARE if rng.random() < 0.00002 else rng.choice(COMMON)
            yield type, agent.hex if lite else agent, "2026-01-01 00:00:00"

    with transaction.atomic(), connection.cursor() as cursor:
        if lite:
            cursor.executemany(EVENT, rows())
        else:
            with cursor.copy(
                "COPY events_eventrow (type, agent_id, recorded_at, data, actor) FROM STDIN"
            ) as copy:
                for one in rows():
                    copy.write_row((*one, "{}", "system"))
    if not lite:
        # PostgreSQL does so by itself; nobody does it for an embedded SQLite.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return agents


def _figures(agents: list[uuid.UUID]) -> Iterator[Figure]:
    from placet.events.catalogue import PUBLIC
    from placet.events.selectors import latest_id, settled_id

    newest = latest_id()
    yield _figure("how far the feed may be told", settled_id, settled_id)
    for name, mine in (("the loud agent", agents[:1]), ("a quiet one", agents[-1:]), ("fifty quiet ones", agents[-QUIET:]), ("all hundred", agents)):  # fmt: skip
        for where, after, types in (("near the newest", newest - NEAR, PUBLIC), ("from the oldest", 0, PUBLIC), ("a rare type, from the oldest", 0, (RARE,))):  # fmt: skip
            yield _page(f"{name}, {where}", mine, after, types)


def _page(what: str, mine: list[uuid.UUID], after: int, types: tuple[str, ...]) -> Figure:
    from placet.events.models import EventRow
    from placet.events.selectors import told_to

    plain = EventRow.objects.filter(agent_id__in=mine, type__in=types, pk__gt=after).order_by("pk")
    ours = partial(told_to, mine, types, after=after, limit=51)
    return _figure(what, ours, lambda: list(plain[:51]), goal=0.05 if len(mine) > 1 else 0.001)


def _figure(what: str, code: Any, plain: Any, *, goal: float = 0.001) -> Figure:
    from bench.sql import cost

    ours, theirs = cost(code), cost(plain)
    ratio = f"{ours.seconds / theirs.seconds:.3f} x" if code is not plain else ""
    return Figure(what, f"≤ {goal * 1000:g} ms", ms(ours.seconds), f"IN and ORDER BY {ms(theirs.seconds)}" if ratio else "",
                  ratio, ours.seconds <= goal)  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        measure()
    else:
        main()
