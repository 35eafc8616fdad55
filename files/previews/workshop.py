"""The process in which previews are made: `python -m files.previews.workshop SOCKET`.

It listens, and forks for each job: what a bomb kills is the fork, and what it leaks ends with it. A fork costs milliseconds,
where a process of its own would cost more than most thumbnails. No Django, no secret and no connection is in here.
"""

import json
import os
import resource
import select
import signal
import socket
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from files import drawing, previews
from files.previews import base
from files.previews.base import Refused

TOO_MUCH = "It takes more memory than a preview may."
DAMAGED = "It could not be read: it may be damaged."
FILES = 64
NICE = 5


def main(address: str) -> None:
    _warm_up()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(16)
        # The kernel forgets forks that have ended; nobody here waits for them.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        _serve(listener)


def _serve(listener: socket.socket) -> None:
    """Until who started us is gone: our stdin ends then."""
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        with connection:
            if os.fork() == 0:
                listener.close()
                _work(connection)


def _work(connection: socket.socket) -> None:
    """In the fork, which ends here whatever happens."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with connection.makefile("rw", encoding="utf-8") as talk:
            talk.write(f"{os.getpid()}\n")
            talk.flush()
            job = json.loads(talk.readline())
            _take_limits()
            talk.write(json.dumps(_made(job)) + "\n")
            talk.flush()
    finally:
        os._exit(0)


def _made(job: dict[str, Any]) -> dict[str, Any]:
    try:
        made = _done(job)
    except Refused as refused:
        return {"failed": str(refused)}
    except MemoryError:
        return {"failed": TOO_MUCH}
    except Exception as fault:  # noqa: BLE001 - a process boundary: whatever a hostile file makes a library raise
        return {"failed": DAMAGED, "fault": f"{type(fault).__name__}: {fault}"[:500]}
    return asdict(made)


def _done(job: dict[str, Any]) -> base.Made:
    source, out = Path(job["source"]), Path(job["out"])
    if "marks" in job:
        size = {"width": job["width"], "height": job["height"]}
        return drawing.make(source, out, marks=job["marks"], **size)
    return previews.get(job["kind"]).make(source, out, filename=job["filename"])


def _take_limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (base.MEMORY, base.MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (base.CPU_SECONDS, base.CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (base.WRITTEN, base.WRITTEN))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICE)
    # No library has a reason to ask anybody.
    for way in ("connect", "connect_ex", "sendto", "bind"):
        setattr(socket.socket, way, _no_network)


def _no_network(*_: Any, **__: Any) -> Any:
    raise OSError("A preview is made without the network.")


def _warm_up() -> None:
    """What most jobs need is loaded once, before the forks."""
    import_module("files.previews.pictures").Image.preinit()


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    # A signal for the whole group, as from a terminal, is for who started us: our stdin will tell.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(sys.argv[1])
