"""What a kind of preview promises, and what it may take."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MEBIBYTE = 1024 * 1024
#: Of the process that makes one preview: address space, processor time, the largest file it may write.
MEMORY, CPU_SECONDS, WRITTEN = 1024 * MEBIBYTE, 20, 64 * MEBIBYTE
#: Of the clock, whatever it is waiting for.
WALL_SECONDS = 45.0
#: Of one picture; more would be a bomb, or a photograph of a galaxy.
PIXELS = 100_000_000


class Refused(Exception):
    """A calm reason why there is no preview, in a sentence for people."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image in the output folder, re-encoded by us."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a page needs to show the file; `cut` says where a limit ended it ("first 20 of 2000 pages")."""

    data: dict[str, Any] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    cut: str = ""


class Preview(ABC):
    """One kind. `make` runs in the workshop: it reads `source`, writes pictures into `out`, and may die of its limits."""

    slug: str
    #: Whether there is anything to make; if not, the file itself is what is shown.
    is_made = True

    @abstractmethod
    def accepts(self, mime_type: str, filename: str) -> bool: ...

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        raise Refused("There is nothing to show of this file.")
