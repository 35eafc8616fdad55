"""A Node process that stays, with the official SDKs in it, and runs what it is sent."""

import json
import subprocess
from typing import Any, Self

from tests.compat.nodes import scripts


class JsError(Exception):
    """What the code threw: the name of its class, its message, and whatever the SDK's errors carry."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('name')}: {error.get('message')}")
        self.name: str = error.get("name") or ""
        self.message: str = error.get("message") or ""
        self.errors: list[dict[str, Any]] = error.get("errors") or []
        self.status = error.get("status")


class Node:
    """with Node() as node: node.run("return await client.viewer", …)"""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["node", "driver.mjs"],
            cwd=scripts(),
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
