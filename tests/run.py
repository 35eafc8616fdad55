"""`make test`: the suite on the embedded default, then on whatever else this machine has; the last lines say what that was.

Parts are separate pytest processes: Playwright's event loop and the ORM do not share one, and a database is chosen at import.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import needs
from tests.insist import INSISTS

ROOT = Path(__file__).resolve().parent.parent
NOTHING_COLLECTED = 5
#: The longest part takes eight minutes, on a busy machine fifteen. One that not even its tests' own timeouts end is ended here.
LONGEST_PART_SECONDS = 1800


@dataclass(frozen=True)
class Part:
    name: str
    marks: str
    env: dict[str, str] = field(default_factory=dict)


def parts() -> Iterator[Part]:
    yield Part("on SQLite, in one process", "not e2e and not processes")
    if url := needs.postgres_url():
        marks = "not e2e and not processes and not sqlite"
        yield Part("on PostgreSQL", marks, {"PLACET_TEST_DATABASE_URL": url})
    yield Part("with real processes", "processes and not e2e")
    if needs.chromium():
        yield Part("in a browser", "e2e")


def run(part: Part, arguments: list[str]) -> bool:
    print(f"\n=== {part.name}: pytest -m '{part.marks}'", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.insist", "-m", part.marks]
    env = {**os.environ, **part.env}
    try:
        done = subprocess.run(
            [*command, *arguments], cwd=ROOT, env=env, check=False, timeout=LONGEST_PART_SECONDS
        )
    except subprocess.TimeoutExpired:
        print(f"\nStopped: still running after {LONGEST_PART_SECONDS} s.")
        return False
    return done.returncode in (0, NOTHING_COLLECTED)


def main(arguments: list[str]) -> int:
    started = time.monotonic()
    results = {part.name: run(part, arguments) for part in parts()}
    missing = needs.missing()
    print(f"\n=== make test, {time.monotonic() - started:.0f} s")
    for name, passed in results.items():
        print(f"{'passed' if passed else 'FAILED'}   {name}")
    for name in missing:
        print(f"NOT RUN  what needs {name}: {needs.WITHOUT[name]}")
    if not missing:
        print("Nothing was left out.")
    return 0 if all(results.values()) and not (missing and INSISTS) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
