"""A big workspace, by raw SQL: 200 agents, one as loud as all others together, a million messages over ninety days, 300 000 of
them questions, 100 000 of those still open.

Services would take an hour; the rows are what they would have written. Sizes shrink with PLACET_BENCH_ROWS.
"""

import os
import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

ROWS = int(os.environ.get("PLACET_BENCH_ROWS", "1000000"))
AGENTS = 200
#: How often a planted word occurs: what a search costs depends on it more than on anything else.
PLANTED = {
    "zephyrite": 12 / 1_000_000,
    "quokkas": 400 / 1_000_000,
    "canary": 0.005,
    "rollback": 0.05,
}
COMMON = "deploy"
WORDS = (  # noqa: SIM905 - read as a text, it stays one
    "the build for release has passed review and tests in region eu us staging production customer invoice "
    "refund order amount please confirm before sending draft answer ticket crawl page index error rate latency "
    "budget campaign copy variant button colour database migration column table backup restore queue worker "
    "token model prompt summary report weekly nightly run step retry timeout limit quota storage upload"
).split()
EMAIL, MEMBER = "bench@example.org", "member@example.org"


@dataclass
class Big:
    """What was seeded, and where to look in it."""

    owner: uuid.UUID = field(default_factory=uuid.uuid4)
    member: uuid.UUID = field(default_factory=uuid.uuid4)
    agents: list[uuid.UUID] = field(default_factory=list)


def at_time(moment: datetime, number: int, rng: random.Random) -> uuid.UUID:
    """A UUIDv7 of that moment."""
    stamp = int(moment.timestamp() * 1000)
    value = stamp << 80 | 0x7 << 76 | (number & 0xFFF) << 64 | 0b10 << 62 | rng.getrandbits(62)
    return uuid.UUID(int=value)


def fill(rows: int = ROWS) -> None:
    """Into an empty, migrated database."""
    rng = random.Random(7)
    now = datetime.now(UTC)
    big = Big()
    with transaction.atomic():
        _put("accounts_user", USER, _people(big, now))
        _put("agents_agent", AGENT, _agents(big, now, rng))
        # The member reviews half of the agents and owns none.
        seen = [
            (agent.hex if _lite() else agent, big.member.hex if _lite() else big.member)
            for agent in big.agents[::2]
        ]
        _put("agents_agent_reviewers", ("agent_id", "user_id"), seen)
        messages, reviews = [], []
        for message, review in _said(big, now, rng, rows):
            messages.append(message)
            if review:
                reviews.append(review)
            if len(messages) == 20_000:
                _flush(messages, reviews)
        _flush(messages, reviews)
        _put("agents_statuschange", CHANGE, _changes(big, now, rng))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if _lite() else "VACUUM ANALYZE")


USER = ("id", "password", "email", "display_name", "role", "must_change_password", "theme", "shortcuts", "is_active",
        "is_superuser", "created_at", "updated_at")  # fmt: skip
AGENT = ("id", "owner_id", "name", "description", "avatar_url", "tag", "status", "status_message", "status_since",
         "last_active_at", "created_at")  # fmt: skip
MESSAGE = ("id", "agent_id", "sender_type", "sender_name", "text", "status", "review_id",
           "delivery_status", "created_at", "updated_at")  # fmt: skip
REVIEW = ("id", "agent_id", "type", "payload", "status", "created_at", "expires_at", "settled_at", "response", "sealed",
          "feedback", "responded_by_name")  # fmt: skip
CHANGE = ("agent_id", "status", "message", "created_at")


def _people(big: Big, now: datetime) -> Iterator[tuple[Any, ...]]:
    for pk, email, role in ((big.owner, EMAIL, "owner"), (big.member, MEMBER, "member")):
        yield (
            _id(pk),
            "!",
            email,
            role.title(),
            role,
            False,
            "system",
            True,
            True,
            False,
            _at(now),
            _at(now),
        )


def _agents(big: Big, now: datetime, rng: random.Random) -> Iterator[tuple[Any, ...]]:
    for number in range(AGENTS):
        pk = at_time(now - timedelta(days=91) + timedelta(seconds=number), number, rng)
        big.agents.append(pk)
        yield (
            _id(pk),
            _id(big.owner),
            f"Agent {number:03}",
            "",
            "",
            "",
            "active",
            "",
            _at(now),
            _at(now),
            _at(now),
        )


def _said(big: Big, now: datetime, rng: random.Random, rows: int) -> Iterator[tuple[Any, Any]]:
    """Open questions can be 36 h old at most, so a tenth of all must have been asked within a day."""
    recent = rows * 15 // 100
    for number in range(rows):
        late = number - (rows - recent)
        if late < 0:
            moment = now - timedelta(days=90) + timedelta(days=88.9) * (number / (rows - recent))
            status = "completed" if rng.random() < 0.8 else "expired"
            asks = rng.random() < 200 / 850
        else:
            moment = now - timedelta(hours=23) + timedelta(hours=23) * (late / recent)
            status, asks = "pending", rng.random() < 2 / 3
        pk, agent = at_time(moment, number, rng), _who(big, rng)
        review = None
        if asks:
            settled = (
                moment + timedelta(seconds=rng.expovariate(1 / 120))
                if status != "pending"
                else None
            )
            deadline = (
                moment + timedelta(hours=24 + 12 * rng.random())
                if status == "pending"
                else moment + timedelta(hours=24)
            )
            review = (_id(pk), _id(agent), rng.choice(("approval", "selection", "text-input")), "{}", status, _at(moment),
                      _at(deadline), _at(settled), '{"selectedOption": "approve"}' if settled else None, "", "", "")  # fmt: skip
        sender = "agent" if asks or rng.random() < 0.9 else "user"
        yield (
            (
                _id(pk),
                _id(agent),
                sender,
                "",
                _text(rng),
                None,
                _id(pk) if asks else None,
                "sent",
                _at(moment),
                _at(moment),
            ),
            review,
        )


def _who(big: Big, rng: random.Random) -> uuid.UUID:
    return big.agents[0] if rng.random() < 0.55 else rng.choice(big.agents)


def _text(rng: random.Random) -> str:
    words = rng.choices(WORDS, k=rng.randint(8, 22))
    if rng.random() < 0.4:
        words.insert(rng.randrange(len(words)), COMMON)
    words += [word for word, share in PLANTED.items() if rng.random() < share]
    return " ".join(words).capitalize() + f" #{rng.randrange(10**6)}"


def _changes(big: Big, now: datetime, rng: random.Random) -> Iterator[tuple[Any, ...]]:
    """A change every half hour for a month: 1 440 for an agent."""
    for agent in big.agents:
        for step in range(1440):
            status = rng.choices(("active", "busy", "error", "offline"), (60, 30, 3, 7))[0]
            yield (_id(agent), status, "", _at(now - timedelta(minutes=30 * (1440 - step))))


def _flush(messages: list[Any], reviews: list[Any]) -> None:
    _put("reviews_review", REVIEW, reviews)
    _put("inbox_message", MESSAGE, messages)
    messages.clear()
    reviews.clear()


def _put(table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if _lite():
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(columns))})",
                list(rows),
            )
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _lite() -> bool:
    return connection.vendor == "sqlite"


def _id(pk: uuid.UUID) -> Any:
    return pk.hex if _lite() else pk


def _at(moment: datetime | None) -> Any:
    return moment.replace(tzinfo=None).isoformat(" ") if moment and _lite() else moment
