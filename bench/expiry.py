"""Expiry with a million open questions: how late the sleeper settles those that fall due."""

import subprocess
import sys
import time

from bench import herd
from bench.report import ms, row, section
from bench.waiters import LOOSE
from tests.processes import ROOT, Server

PENDING, DUE, SECONDS = 1_000_000, 1_000, 10
SEED = """
import sys
from datetime import timedelta
from django.db import connection, transaction
from agents.models import Agent
from placet.lib.clock import now
from placet.lib.ids import new_id
agent = sys.stdin.readline().strip().replace('-', '')
pending, due, seconds = map(int, sys.stdin.readline().split())
at = now()
def rows():
    text = lambda moment: moment.replace(tzinfo=None).isoformat(' ', 'microseconds')
    for n in range(pending):
        yield (new_id().hex, agent, text(at), text(at + timedelta(hours=2, milliseconds=n)))
    for n in range(due):
        yield (new_id().hex, agent, text(at), text(now() + timedelta(seconds=5 + seconds * n / due)))
sql = ("INSERT INTO reviews_review (id, agent_id, type, payload, status, created_at, expires_at, sealed, feedback, responded_by_name)"
       " VALUES (?, ?, 'text-input', '{}', 'pending', ?, ?, '', '', '')")
with transaction.atomic(), connection.cursor() as cursor:
    cursor.connection.executemany(sql, rows())
"""
LATE = """
from django.db import connection
from reviews.models import Review
from reviews.deadlines import next_deadline
import time
rows = Review.objects.filter(status='expired').values_list('expires_at', 'settled_at')
print('LATE', *[(settled - due).total_seconds() for due, settled in rows])
started = time.perf_counter()
for _ in range(100):
    next_deadline()
print('LOOK', (time.perf_counter() - started) / 100)
"""


def main() -> None:
    section(f"Expiry with {PENDING:,} open questions")
    few, _ = _late(PENDING // 1000)
    many, look = _late(PENDING)
    p99, most = herd.at(many, 0.99), max(many)
    told = f"1 000 open: {ms(herd.at(few, 0.99))}"
    row("settled after the deadline, p99", "≤ 100 ms", ms(p99), told, held=p99 <= 0.1)
    row(
        "settled after the deadline, p50",
        "",
        ms(herd.at(many, 0.5)),
        f"1 000 open: {ms(herd.at(few, 0.5))}",
    )
    row(
        "settled after the deadline, latest",
        "< 1 s",
        ms(most),
        f"1 000 open: {ms(max(few))}",
        held=most < 1,
    )
    row("finding the next deadline", "", ms(look))


def _late(pending: int) -> tuple[list[float], float]:
    with Server(env=LOOSE) as server:
        robot = server.robot()
        _run(server, SEED, f"{robot.agent_id}\n{pending} {DUE} {SECONDS}\n")
        time.sleep(SECONDS + 7)
        said = dict(
            line.split(" ", 1)
            for line in _run(server, LATE, "").splitlines()
            if line[:4] in ("LATE", "LOOK")
        )
    late = [float(seconds) for seconds in said["LATE"].split()]
    assert len(late) == DUE, f"{len(late)} of {DUE} were settled"
    return late, float(said["LOOK"])


def _run(server: Server, code: str, given: str) -> str:
    command = [sys.executable, "manage.py", "shell", "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env=server.env, text=True, input=given, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
