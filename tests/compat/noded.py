"""A Node process with the official SDKs in it, for the tests alone: Placet needs no Node."""

import hashlib
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Self

import pytest

from tests.processes import ROOT

SOURCE = Path(__file__).with_name("node")
WITHOUT = "neither node (20 or newer) nor npm is on the PATH"


class JsError(Exception):
    """What the code threw: the name of its class, its message, and whatever the SDK's errors carry."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('name')}: {error.get('message')}")
        self.name: str = error.get("name") or ""
        self.message: str = error.get("message") or ""
        self.errors: list[dict[str, Any]] = error.get("errors") or []
        self.status = error.get("status")


@cache
def has_node() -> bool:
    node = shutil.which("node")
    if not (node and shutil.which("npm")):
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return int(version.stdout.lstrip("v").partition(".")[0] or 0) >= 20


@cache
def installed() -> Path:
    """The folder with the SDKs of the lock file; made once for each lock file, and kept."""
    lock = (SOURCE / "package-lock.json").read_bytes()
    folder = ROOT / "var" / f"node-{hashlib.sha256(lock).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    for file in SOURCE.iterdir():
        if file.is_file():
            shutil.copy2(file, folder)
    if not (folder / "node_modules" / ".package-lock.json").exists():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=180)
    return folder


class Node:
    """with Node() as node: node.run("return await client.viewer", …)"""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["node", "driver.mjs"],
            cwd=installed(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, code: str, **args: Any) -> Any:
        """What the code returns, as JSON; JsError when it throws."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"code": code, "args": args}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise JsError(answer["error"])
        return answer["result"]


node_installed = pytest.mark.skipif(not has_node(), reason=WITHOUT)
