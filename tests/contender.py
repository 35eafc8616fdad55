"""One process of a race: many threads go for the same reviews at the same moment. Run as `python -m tests.contender`.

Reads one JSON object on stdin: {"reviews": [{"id", "at"}], "email", "threads"}; at each `at` (unix time) all threads respond
while one sweeps for expiry. Prints {"won": [...], "lost": n, "odd": [...]}.
"""

import json
import sys
import threading
import time
from collections import Counter
from typing import Any

PATIENCE = 60.0


def main() -> None:
    import django

    django.setup()
    job = json.load(sys.stdin)
    won: list[str] = []
    losses: Counter[str] = Counter()
    odd: list[str] = []
    gate = threading.Barrier(job["threads"] + 1)
    threads = [
        threading.Thread(target=_respond_to_all, args=(job, gate, won, losses, odd))
        for _ in range(job["threads"])
    ]
    threads.append(threading.Thread(target=_sweep_at_all, args=(job, gate, odd)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"won": won, "losses": losses, "odd": odd}, sys.stdout)


def _respond_to_all(
    job: Any, gate: threading.Barrier, won: list[str], losses: Counter[str], odd: list[str]
) -> None:
    from accounts.models import User
    from reviews import services
    from reviews.errors import AlreadySettled

    actor = User.objects.get(email=job["email"]).as_actor()
    _close()
    for review in job["reviews"]:
        gate.wait(timeout=PATIENCE)
        _sleep_until(review["at"])
        try:
            services.respond(
                by=actor, review_id=review["id"], response={"selectedOption": "approve"}
            )
            won.append(review["id"])
        except AlreadySettled as lost:
            losses[str(lost.extra["status"])] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            odd.append(repr(error))
        # Handed back at once: with a pool, another thread of this round waits for it.
        _close()


def _sweep_at_all(job: Any, gate: threading.Barrier, odd: list[str]) -> None:
    from reviews import services

    for review in job["reviews"]:
        gate.wait(timeout=PATIENCE)
        _sleep_until(review["at"])
        for _ in range(20):
            try:
                services.expire_due_reviews()
            except Exception as error:  # noqa: BLE001 - as above
                odd.append(repr(error))
            time.sleep(0.002)
    _close()


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))


def _close() -> None:
    from django.db import connection

    connection.close()


if __name__ == "__main__":
    main()
