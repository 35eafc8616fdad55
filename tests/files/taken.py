"""A workshop in which a preview runs whatever its file says: what happens when a library has been taken over."""

import sys
from pathlib import Path
from typing import Any

from files import previews
from files.making import Workshop
from files.previews import base, workshop
from files.previews.base import Made, Preview


class Taken(Preview):
    slug = "taken"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return False

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        names: dict[str, Any] = {}
        exec(source.read_text(), names)  # noqa: S102 - the very point
        return Made(data=names.get("told", {}))


class TakenWorkshop(Workshop):
    def __init__(self, *, cpu_seconds: int = 20) -> None:
        super().__init__()
        self._cpu_seconds = cpu_seconds

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "tests.files.taken", self._address, str(self._cpu_seconds)]


if __name__ == "__main__":
    previews._by_slug["taken"] = Taken()
    base.CPU_SECONDS = int(sys.argv[2])
    workshop.main(sys.argv[1])
