"""A backup is made while Placet runs, and what is started from it goes on where the old one was."""

import os
import re
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command

from placet.management.commands import backup
from tests import needs
from tests.cast import PAYLOADS, RESPONSES
from tests.processes import ROOT, AgentClient, Human, Server, clean_environment, manage, until
from tests.test_leaving import Crowd

SEALED = RESPONSES["form"]["token"]


@dataclass
class Witness:
    """What must still be there: an open question, a sealed answer, a key, a session, and where the numbers were."""

    robot: AgentClient
    human: Human
    open: str
    answered: str
    cursor: int

    @classmethod
    def of(cls, server: Server) -> "Witness":
        robot, human = server.robot(), server.human()
        answered = robot.ask("form", PAYLOADS["form"], text="Which zephyrite?")["id"]
        assert human.respond(answered, RESPONSES["form"]).ok
        return cls(robot, human, robot.ask()["id"], answered, cursor(human))


def cursor(human: Human) -> int:
    """The number of the newest event, as a page is told it."""
    found = re.search(r'data-cursor="(\d+)"', human.get("/inbox/").text)
    assert found
    return int(found[1])


def goes_on(server: Server, witness: Witness) -> None:
    robot, human = witness.robot.at(server.url), witness.human.at(server.url)
    assert cursor(human) >= witness.cursor
    parked = robot.park(witness.open)
    assert human.respond(witness.open, {"selectedOption": "approve"}).status_code == 201
    assert parked.result(10)[0].json()["status"] == "completed"
    sealed = robot.get(f"/api/v1/reviews/{witness.answered}").json()["review"]["response"]["token"]
    assert sealed == SEALED
    found = robot.get("/api/v1/messages", search="zephyrite").json()["data"]
    assert [message["id"] for message in found] == [witness.answered]
    before = cursor(human)
    asked = robot.ask(expiresInSeconds=1)
    assert asked["id"] > witness.open
    assert cursor(human) == before + 1
    assert robot.wait(asked["id"], 10_000)["status"] == "expired"


@pytest.mark.processes
def test_an_sqlite_placet_goes_on_from_a_backup_made_under_load(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with Server({"PLACET_SECRET_KEY": "", "PLACET_RATE_PER_KEY": "100000/minute"}) as server:
        witness = Witness.of(server)
        with Crowd(server.robot("Busy"), 6) as crowd:
            for n in range(3):
                until(lambda n=n: crowd.answers[201] > 100 * n + 50)  # type: ignore[misc]
                posted = set(crowd.kept)
                shutil.rmtree(kept, ignore_errors=True)
                said = server.manage("backup", str(kept))
            during = crowd.answers[201] - len(posted)
        assert set(crowd.answers) == {201}
        assert during > 0
    assert {path.name for path in kept.iterdir()} == {"placet.sqlite3", "secret"}
    assert "Not in there" not in said
    with sqlite3.connect(kept / "placet.sqlite3") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ids = {row[0] for row in copy.execute("SELECT client_id FROM inbox_message")}
    assert posted <= ids
    with Server({"PLACET_SECRET_KEY": ""}, data_dir=kept) as restored:
        goes_on(restored, witness)


@pytest.mark.processes
@pytest.mark.postgres
@pytest.mark.redis
@needs.postgres
@needs.redis_server
@needs.postgres_tools
def test_a_postgresql_placet_goes_on_from_a_dump_made_under_load(tmp_path: Path) -> None:
    name = f"placet_backup_{os.getpid()}"
    with (
        needs.Redis(tmp_path) as redis,
        needs.Database(name) as database,
        needs.Database(f"{name}_again") as again,
    ):
        stores = {"REDIS_URL": redis.url, "PLACET_RATE_PER_KEY": "100000/minute"}
        with Server({**stores, "DATABASE_URL": database.url}) as server:
            witness = Witness.of(server)
            with Crowd(server.robot("Busy"), 6) as crowd:
                until(lambda: crowd.answers[201] > 50)
                posted = set(crowd.kept)
                typed("pg_dump", tmp_path, DATABASE_URL=database.url)
            assert set(crowd.answers) == {201}
        typed("pg_restore", tmp_path, DATABASE_URL=again.url)
        with again.connect() as copy:
            ids = {row[0] for row in copy.execute("SELECT client_id FROM inbox_message")}
        assert posted <= ids
        with Server({**stores, "DATABASE_URL": again.url}) as restored:
            goes_on(restored, witness)


def typed(command: str, folder: Path, **env: str) -> None:
    """The line of the page for operators that begins so."""
    page = (ROOT / "docs" / "deploy.md").read_text()
    (line,) = re.findall(rf"^{command} .*$", page, re.MULTILINE)
    subprocess.run(["bash", "-c", line], cwd=folder, env={**os.environ, **env}, check=True)


@pytest.fixture
def served(tmp_path: Path) -> dict[str, str]:
    """The settings of a Placet with a database and nobody in it."""
    env = clean_environment({"PLACET_DATA_DIR": str(tmp_path / "var"), "PLACET_SECRET_KEY": ""})
    manage("migrate", "--verbosity", "0", env=env)
    return env


@pytest.mark.processes
def test_a_backup_is_for_its_owner_only_and_says_what_is_not_in_it(
    served: dict[str, str], tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    secrets = {"PLACET_SECRET_KEY": "s" * 40, "PLACET_SEALING_KEYS": "k" * 40}
    held = Path(served["PLACET_DATA_DIR"]) / "files" / "ab" / "handed-over"
    held.parent.mkdir(parents=True)
    held.touch()
    said = manage("backup", str(kept), env={**served, **secrets})
    assert "Not in there: the files" in said
    assert "Not in there: PLACET_SECRET_KEY" in said
    assert "Not in there: PLACET_SEALING_KEYS" in said
    assert kept.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}
    with pytest.raises(RuntimeError, match="must not exist yet; got"):
        manage("backup", str(kept), env=served)


@pytest.mark.processes
def test_what_cannot_be_a_backup_is_refused(served: dict[str, str], tmp_path: Path) -> None:
    elsewhere = {**served, "PLACET_DATA_DIR": str(tmp_path / "wrong")}
    with pytest.raises(RuntimeError, match="is empty: is PLACET_DATA_DIR"):
        manage("backup", str(tmp_path / "kept"), env=elsewhere)
    with pytest.raises(RuntimeError, match=r"Nothing is kept in /dev/null/x: .*Not a directory"):
        manage("backup", "/dev/null/x", env=served)
    postgres = {"DATABASE_URL": "postgres://x@127.0.0.1:1/x", "PLACET_SECRET_KEY": "s" * 40}
    with pytest.raises(RuntimeError, match="pg_dump --format=custom"):
        manage("backup", str(tmp_path / "kept"), env={**served, **postgres})
    assert not (tmp_path / "kept").exists()


@pytest.mark.sqlite
@pytest.mark.django_db
def test_a_copy_that_is_not_whole_does_not_get_the_name(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with (
        patch.object(backup, "copy_database", side_effect=sqlite3.DatabaseError("not sound")),
        pytest.raises(CommandError, match=r"Nothing is kept in .*not sound"),
    ):
        call_command("backup", str(kept))
    assert list(tmp_path.iterdir()) == []
