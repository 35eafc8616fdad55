"""One process of a race in a run: many threads report while one person answers. Run as `python -m tests.runs.contender`.

Reads {"run", "key", "email", "review", "threads", "at"} on stdin; at `at` (unix time) all begin. Prints what became of it.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 60.0


def main() -> None:
    import django

    django.setup()
    job = json.load(sys.stdin)
    done: list[str] = []
    odd: list[str] = []
    works: list[Callable[[Any], str]] = [_report] * job["threads"] + [_respond, _write]
    gate = threading.Barrier(len(works))
    threads = [threading.Thread(target=_run, args=(work, job, gate, done, odd)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"done": done, "odd": odd}, sys.stdout)


def _run(
    work: Callable[[Any], str], job: Any, gate: threading.Barrier, done: list[str], odd: list[str]
) -> None:
    from django.db import connection

    from reviews.errors import AlreadySettled

    gate.wait(timeout=PATIENCE)
    time.sleep(max(0.0, job["at"] - time.time()))
    try:
        done.append(work(job))
    except AlreadySettled:
        done.append("lost")
    except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
        odd.append(repr(error))
    connection.close()


def _report(job: Any) -> str:
    from agents.auth import actor_of_key
    from runs.drafts import draft
    from runs.services import reporting

    thought = draft(type="thought", content={"body": "Meanwhile"})
    reporting.report(by=actor_of_key(job["key"]), run_id=job["run"], draft=thought)
    return "reported"


def _respond(job: Any) -> str:
    from reviews import services

    by, review_id = _person(job), job["review"]
    services.respond(by=by, review_id=review_id, response={"text": "By the card"})
    return "responded"


def _write(job: Any) -> str:
    from inbox.services import writing

    writing.write_message(by=_person(job), agent_id=job["agent"], text="By a message")
    return "written"


def _person(job: Any) -> Any:
    from accounts.models import User

    return User.objects.get(email=job["email"]).as_actor()


if __name__ == "__main__":
    main()
