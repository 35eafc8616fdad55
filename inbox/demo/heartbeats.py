"""A week of heartbeats for each agent: (how long ago, status, words), oldest first. The same every time."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

Beat = tuple[datetime, str, str]
WEEK = 7


def beats_of(name: str, now: datetime) -> list[Beat]:
    usual = sorted(_WAYS[name](now, Random(name)))  # noqa: S311 - a picture, not a secret
    begin, end = now - timedelta(days=WEEK), now - timedelta(minutes=45)
    return [beat for beat in usual if begin <= beat[0] <= end] + [last_beat(name, now)]


def last_beat(name: str, now: datetime) -> Beat:
    """How the agent is when the curtain rises, whatever the time of day."""
    minutes, status, words = _LAST[name]
    return now - timedelta(minutes=minutes), status, words


def _days(now: datetime) -> Iterator[datetime]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - timedelta(days=back) for back in range(WEEK, -1, -1))


def _deploys(now: datetime, chance: Random) -> Iterator[Beat]:
    """Always on, busy for a few releases a day, in trouble once."""
    for day in _days(now):
        yield day, "active", "Watching four instances"
        for _ in range(chance.randint(2, 5)):
            start = day + timedelta(minutes=chance.randint(7 * 60, 19 * 60))
            yield start, "busy", "Rolling out"
            yield (
                start + timedelta(minutes=chance.randint(4, 25)),
                "active",
                "Watching four instances",
            )
    trouble = now - timedelta(days=2, hours=4)
    yield trouble, "error", "3 % of checkouts fail"
    yield trouble + timedelta(minutes=6), "active", "Watching four instances"


def _invoices(now: datetime, chance: Random) -> Iterator[Beat]:
    """Reads every hour or so; the mailbox was away one night."""
    for day in _days(now):
        for hour in range(0, 24, 2):
            start = day + timedelta(hours=hour, minutes=chance.randint(0, 40))
            yield start, "busy", f"Reading {chance.randint(3, 60)} invoices"
            yield start + timedelta(minutes=chance.randint(10, 45)), "active", "Mailbox empty"
    gone = now.replace(hour=1, minute=12) - timedelta(days=1)
    yield gone, "error", "The mailbox refuses the password"
    yield gone + timedelta(minutes=1), "error", "The mailbox refuses the password"


def _support(now: datetime, chance: Random) -> Iterator[Beat]:
    """Works when the shop is open."""
    for day in _days(now):
        yield day + timedelta(hours=7), "active", "Good morning"
        for hour in (9, 11, 14, 16):
            start = day + timedelta(hours=hour, minutes=chance.randint(0, 50))
            yield start, "busy", f"Drafting {chance.randint(2, 9)} answers"
            yield start + timedelta(minutes=chance.randint(8, 30)), "active", "No open tickets"
        yield day + timedelta(hours=20), "offline", "Closed until seven"
    yield now - timedelta(days=1, hours=4), "error", "The mail server refuses our bounce address"
    yield now - timedelta(days=1, hours=2.5), "active", "No open tickets"


def _crawler(now: datetime, chance: Random) -> Iterator[Beat]:
    """Busy at night, away by day; one night nothing happened."""
    for number, day in enumerate(_days(now)):
        start = day + timedelta(hours=1, minutes=chance.randint(0, 15))
        if number == WEEK - 1:
            yield start, "error", "Disk full"
            yield start + timedelta(hours=4), "offline", "Until tonight"
            continue
        yield start, "busy", "Crawling"
        yield start + timedelta(minutes=chance.randint(170, 230)), "active", "Writing the index"
        yield start + timedelta(minutes=chance.randint(240, 270)), "offline", "Until tonight"


_LAST = {
    "Deploy pilot": (11, "active", "v2.1 waits for an answer"),
    "Invoice reader": (3, "busy", "Reading 14 of 52 invoices"),
    "Support drafts": (6, "error", "2 answers could not be sent"),
    "Nightly crawler": (30, "offline", "Until tonight"),
}
_WAYS: dict[str, Callable[[datetime, Random], Iterator[Beat]]] = {
    "Deploy pilot": _deploys,
    "Invoice reader": _invoices,
    "Support drafts": _support,
    "Nightly crawler": _crawler,
}
