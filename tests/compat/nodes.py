"""Node, for the SDKs of other platforms: their packages as the lock file has them, and scripts that use them."""

import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from tests.processes import ROOT, Process

HERE = ROOT / "tests" / "compat" / "node"
#: Outside of the source; the same lock file is installed once.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "placet-node"


@cache
def scripts() -> Path:
    """A folder with the scripts and, beside them, the packages."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            _install(folder)
    return _copied(folder)


def _copied(folder: Path) -> Path:
    """Beside them by their content: another checkout with the same packages may run other scripts at the same time."""
    texts = {path.name: path.read_bytes() for path in sorted(HERE.glob("*.mjs"))}
    own = folder / hashlib.sha256(b"".join(texts.values())).hexdigest()[:16]
    own.mkdir(exist_ok=True)
    for name, text in texts.items():
        (own / name).write_bytes(text)
    return own


def told_by(script: str, **env: str) -> dict[str, Any]:
    """Run a script to its end; the JSON object it printed."""
    done = subprocess.run(
        ["node", script],
        cwd=scripts(),
        env={**_plain(), **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@contextmanager
def running(script: str, log: Path, **env: str) -> Iterator[Process]:
    """A script that stays, once it has said that it is ready."""
    path = str(scripts() / script)
    process = Process(["node", path], env={**_plain(), **env}, log=log)
    process.launch()
    try:
        process.wait_for_log("ready")
        yield process
    finally:
        process.stop()


def _install(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_bytes((HERE / name).read_bytes())
    # Without the scripts of packages: nothing here needs one.
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "installed").touch()


def _plain() -> dict[str, str]:
    """A proxy of the machine must not see what is meant for loopback."""
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
