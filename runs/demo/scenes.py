"""What happens, and how long ago."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from inbox.demo.script import days, hours, minutes
from inbox.demo.stage import Stage
from runs.demo.doctor import Doctor
from runs.services import lapsing

Scene = tuple[timedelta, Callable[[], object]]

FOUND = """The build is **green** again. It was not the code: the image of the test database had moved to a new major version overnight, and our extension was missing in it.

- pinned the image by its digest, [#418](https://ci.placet.example/pulls/418)
- ran the suite three times: 1 284 passed, each time

Nothing else used the floating tag."""
LOG = """```
psycopg.errors.UndefinedFile: could not open extension control file
  "/usr/share/postgresql/17/extension/pg_trgm.control"
```"""
WHICH = {
    "options": [
        {"value": "revert", "label": "Revert the commit", "description": "Checkout works again in four minutes"},
        {"value": "fix", "label": "Mend it forward", "description": "About half an hour, and the fix for Åland stays"},
        {"value": "wait", "label": "Leave it until tomorrow"},
    ]
}  # fmt: skip


def play(stage: Stage) -> Iterator[tuple[datetime, Callable[[], object]]]:
    doctor = Doctor(stage)
    for scene in (week, ended, silent, asks, works):
        for ago, act in scene(doctor):
            yield stage.now - ago, act


def steps(*words: str) -> list[dict[str, str]]:
    """A plan, done up to the first step that begins with an arrow."""
    at = next((n for n, word in enumerate(words) if word.startswith("→")), len(words))
    return [
        {
            "content": word.removeprefix("→ "),
            "status": "completed" if n < at else "inProgress" if n == at else "pending",
        }
        for n, word in enumerate(words)
    ]


def week(doctor: Doctor) -> Iterator[Scene]:
    yield days(7.9), doctor.begin
    for day in range(7, 0, -1):
        yield days(day), lambda: doctor.ping("busy", "Reading a log")
        yield days(day) - hours(1), lambda: doctor.ping("active", "All builds are green")
    yield minutes(5), lambda: doctor.ping("busy", "Bisecting a flaky test")


def ended(doctor: Doctor) -> Iterator[Scene]:
    yield hours(21), lambda: doctor.ask("olga", "Why is the nightly build red?")
    at = hours(21) - timedelta(seconds=4)
    yield (
        at,
        lambda: doctor.tell(
            "thought",
            "The last green build was 1239, so something moved between 1239 and 1240.",
        ),
    )
    yield (
        at - minutes(0.2),
        lambda: doctor.plan(
            *steps("→ Read the log of 1240", "Find what moved", "Mend it", "Run the suite again")
        ),
    )
    yield at - minutes(0.4), lambda: doctor.act("Read the log", LOG, build="1240", job="test-db")
    yield at - minutes(1), lambda: doctor.tell("thought", "Not our code. Which image was this?")
    yield (
        at - minutes(1.3),
        lambda: doctor.act(
            "Compared the images",
            "`postgres:16` became `postgres:17`",
            before="1239",
            after="1240",
        ),
    )
    yield (
        at - minutes(1.5),
        lambda: doctor.plan(
            *steps("Read the log of 1240", "Find what moved", "→ Mend it", "Run the suite again")
        ),
    )
    yield (
        at - minutes(2),
        lambda: doctor.act("Opened a pull request", "#418", branch="pin-test-database"),
    )
    yield (
        at - minutes(2.1),
        lambda: doctor.plan(
            *steps("Read the log of 1240", "Find what moved", "Mend it", "→ Run the suite again"),
            links=[{"label": "Pull request 418", "url": "https://ci.placet.example/pulls/418"}],
        ),
    )
    yield at - minutes(6), lambda: doctor.act("Ran the suite", "1 284 passed", times="3")
    yield (
        at - minutes(6.1),
        lambda: doctor.plan(
            *steps("Read the log of 1240", "Find what moved", "Mend it", "Run the suite again")
        ),
    )
    yield at - minutes(6.2), lambda: doctor.tell("response", FOUND)
    yield at - minutes(30), lambda: doctor.read("olga")


def silent(doctor: Doctor) -> Iterator[Scene]:
    """In the conversation of another agent, which it was let into."""
    ago, home = hours(4.2), "Support drafts"
    yield ago, lambda: doctor.visit(home)
    yield (
        ago - minutes(1),
        lambda: doctor.ask(
            "bo", "@Build doctor why does the mail relay drop our bounce address?", home
        ),
    )
    yield (
        ago - minutes(1.1),
        lambda: doctor.act("Asked the relay", None, home, host="mx.placet.example"),
    )
    yield ago - minutes(1.1) - hours(2), lapsing.mark_stale_runs
    # From here on it is patient: nobody works for the demo.
    yield hours(1.9), lambda: doctor.change(run_stale_seconds=86_400)


def asks(doctor: Doctor) -> Iterator[Scene]:
    ago, home = minutes(17), "Deploy pilot"
    yield ago, lambda: doctor.visit(home)
    yield (
        ago - minutes(1),
        lambda: doctor.ask("ada", "@Build doctor which commit broke the tax for AX?", home),
    )
    yield (
        ago - minutes(1.1),
        lambda: doctor.tell(
            "thought", "`RATES[country]` raises where there was a default before.", home
        ),
    )
    yield (
        ago - minutes(2),
        lambda: doctor.act(
            "Searched the history", "1 commit: `4be1c07`", home, path="checkout/tax.py"
        ),
    )
    yield (
        ago - minutes(3),
        lambda: doctor.tell(
            "elicitation",
            "It was `4be1c07`, *Fail on unknown countries*. What shall I do about it?",
            home,
            signal="select",
            signal_metadata=WHICH,
        ),
    )


def works(doctor: Doctor) -> Iterator[Scene]:
    yield (
        minutes(5),
        lambda: doctor.ask(
            "olga", "test_checkout_retries fails one time in ten. Find out why, please."
        ),
    )
    yield (
        minutes(4.9),
        lambda: doctor.tell("thought", "One in ten is a race or a clock. I run it alone first."),
    )
    yield (
        minutes(4.8),
        lambda: doctor.plan(
            *steps("→ Make it fail here", "Find the commit", "Mend it", "Run it a thousand times"),
            links=[
                {
                    "label": "The test's history",
                    "url": "https://ci.placet.example/tests/checkout-retries",
                }
            ],
        ),
    )
    yield (
        minutes(4),
        lambda: doctor.act("Ran the test", "11 of 100 failed", times="100", seed="random"),
    )
    yield (
        minutes(3.5),
        lambda: doctor.tell(
            "thought", "Only when the retry falls on a full second. A clock, then."
        ),
    )
    yield (
        minutes(3),
        lambda: doctor.plan(
            *steps("Make it fail here", "→ Find the commit", "Mend it", "Run it a thousand times")
        ),
    )
    yield minutes(2), lambda: doctor.act("Bisecting 64 commits", None, good="v2.0.3", bad="main")
