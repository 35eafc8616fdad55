"""Worker, beat and sleeper as threads of the web process."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, clean_environment

# A process of its own: Celery keeps what it is told about stopping, and its queue, in module globals.
SCRIPT = """
import os, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "placet.settings"
import django
django.setup()
from placet.celery import app
from placet.embedded import Embedded

began, go = threading.Event(), threading.Event()

@app.task(name="tests.slow")
def slow():
    began.set()
    go.wait(10)
    print("done", flush=True)

embedded = Embedded()
embedded.start()
slow.delay()
assert began.wait(30)
threading.Timer(0.5, go.set).start()
embedded.stop()
print("stopped", flush=True)
"""


@pytest.mark.processes
def test_stopping_waits_for_what_has_begun(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=clean_environment({"PLACET_DATA_DIR": str(tmp_path)}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, "done\nstopped\n"), ran.stderr
