"""Hands jobs to the workshop and waits for what comes of them: a result, a calm reason, or the news that it was too much."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from files.previews.base import WALL_SECONDS
from placet.lib.environment import harmless

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
TOO_SLOW = "It takes longer than a preview may."
TOO_MUCH = "It takes more time or memory than a preview may."


class Workshop:
    """One process, started with the first job and again when it has died; jobs may run side by side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="placet-workshop-")

    def make(self, *, kind: str, source: Path, out: Path, filename: str) -> dict[str, Any]:
        """What the preview consists of, or `failed` with a reason. Never raises for what is in the file."""
        job = {"kind": kind, "source": str(source), "out": str(out), "filename": filename}
        return self._asked(job)

    def draw(
        self, *, source: Path, out: Path, marks: list[dict[str, Any]], width: int, height: int
    ) -> dict[str, Any]:
        """The picture with the marks in it, or `failed` with a reason."""
        places = {"source": str(source), "out": str(out)}
        return self._asked({**places, "marks": marks, "width": width, "height": height})

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_SECONDS)

    def _asked(self, job: dict[str, Any]) -> dict[str, Any]:
        with self._connected() as connection:
            connection.settimeout(WALL_SECONDS)
            return _asked(connection, json.dumps(job))

    def _connected(self) -> socket.socket:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = self._started()
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._address)
        return connection

    @property
    def _address(self) -> str:
        return str(Path(self._folder.name) / "jobs")

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "files.previews.workshop", self._address]

    def _started(self) -> "subprocess.Popen[str]":
        Path(self._address).unlink(missing_ok=True)
        process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            self._command(),
            cwd=ROOT,
            env=harmless(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        said = process.stdout.readline() if process.stdout else ""
        if said != "ready\n":
            raise RuntimeError("The workshop of previews did not start.")
        return process


def _asked(connection: socket.socket, job: str) -> dict[str, Any]:
    with connection.makefile("rw", encoding="utf-8") as talk:
        pid = int(talk.readline())
        talk.write(f"{job}\n")
        talk.flush()
        try:
            said = talk.readline()
        except TimeoutError:
            # Ours, and still there: it has not said its last word.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            return {"failed": TOO_SLOW}
    made: dict[str, Any] = json.loads(said) if said else {"failed": TOO_MUCH}
    if fault := made.pop("fault", None):
        log.info("previews.unreadable", extra={"fault": fault})
    return made


@cache
def workshop() -> Workshop:
    """The one of this process."""
    return Workshop()
