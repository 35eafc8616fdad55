"""Search finds what it should, nothing else, and stays in step with the messages."""

import random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from inbox import search, search_index
from inbox.models import Message
from inbox.selectors import channel_page
from inbox.services import keeping
from inbox.triage import inbox_page, next_open
from placet.lib.errors import Invalid
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look sees two rows and the second none, so that the index has to answer."""
    monkeypatch.setattr(search, "TOP", 2)
    monkeypatch.setattr(search, "PROMISING", 100)


def texts(robot: cast.Robot, words: str, **more: Any) -> list[str | None]:
    return [row.text for row in channel_page(robot.actor, None, search=words, **more).messages]


def fill(robot: cast.Robot, number: int = 5) -> None:
    for n in range(number):
        cast.say(robot, f"filler {n}")


ODD = [
    ("100% sure", "0% s"),
    ("snake_case", "e_c"),
    ('it\'s "quoted" text', "'s \"quo"),
    ("back\\slash", "ck\\sl"),
    ("OR AND NOT NEAR(x)", "AND NOT"),
    ("text:column*", "text:col"),
    ("(brackets) ^and-dash", ") ^and-"),
    ("Zürich grüßt", "ZÜRICH G"),
    ("Дальше вперёд", "дальше ВПЕРЁД"),
    ("発注書を確認", "注書を"),
    ("tab\tand\nline", "b\tand\nl"),
    ("emoji 🚀 launch", "i 🚀 l"),
]


@pytest.mark.parametrize(("text", "words"), ODD)
def test_a_term_is_literal_and_of_any_case(
    robot: cast.Robot, text: str, words: str, deep: None
) -> None:
    cast.say(robot, text)
    cast.say(robot, "100x sure snakeXcase backslash")
    fill(robot)
    assert texts(robot, words) == [text]


@pytest.mark.parametrize(("text", "words"), ODD)
def test_the_first_look_and_the_index_agree(robot: cast.Robot, text: str, words: str) -> None:
    cast.say(robot, text)
    assert texts(robot, words) == [text]


@pytest.mark.parametrize("words", ["%", "_", "%%%", "___", '"', "'", "*", "; DROP", "\0"])
def test_no_wildcard_and_no_harm(robot: cast.Robot, words: str, deep: None) -> None:
    fill(robot)
    assert texts(robot, words) == ([] if words != "\0" else texts(robot, ""))


def test_a_blank_search_is_none(robot: cast.Robot) -> None:
    fill(robot, 3)
    assert texts(robot, "  ") == ["filler 2", "filler 1", "filler 0"]


def test_a_term_that_never_ends_is_refused(robot: cast.Robot) -> None:
    with pytest.raises(Invalid) as refusal:
        texts(robot, "x" * 201)
    assert refusal.value.errors[0].path == "search"


def test_short_terms_are_found_near_the_top(
    robot: cast.Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "TOP", 2)
    monkeypatch.setattr(search, "FURTHER", 6)
    cast.say(robot, "v2 far down")
    fill(robot, 5)
    cast.say(robot, "v2 near the top")
    fill(robot, 3)
    assert texts(robot, "v2") == ["v2 near the top"]


def test_what_is_said_changed_or_taken_back_is_in_step(robot: cast.Robot, deep: None) -> None:
    row = cast.say(robot, "the first wording")
    quiet = cast.say(robot, None, status="success")  # type: ignore[arg-type]
    fill(robot)
    assert texts(robot, "first wording") == ["the first wording"]
    Message.objects.filter(pk=row.id).update(text="another sentence")
    Message.objects.filter(pk=quiet.id).update(text="no longer silent")
    assert texts(robot, "first wording") == []
    assert texts(robot, "another sentence") == ["another sentence"]
    assert texts(robot, "longer silent") == ["no longer silent"]
    Message.objects.filter(pk=quiet.id).update(text=None)
    keeping.delete_message(by=robot.actor, message_id=row.id)
    assert texts(robot, "another sentence") == texts(robot, "longer silent") == []


def test_deleting_leaves_nothing_in_the_index(robot: cast.Robot) -> None:
    message = cast.ask(robot, text="Unmistakable words")
    assert search_index.ask("unmistakable", 10) == [message.id]
    keeping.delete_message(by=robot.actor, message_id=message.id)
    assert search_index.ask("unmistakable", 10) == []


@pytest.mark.sqlite
def test_a_table_that_a_migration_rebuilds_stays_searchable(robot: cast.Robot) -> None:
    with connection.cursor() as cursor:
        for what in ("added", "removed", "changed"):
            cursor.execute(f"DROP TRIGGER inbox_search_{what}")
    call_command("migrate", verbosity=0)
    message = cast.say(robot, "Said afterwards")
    assert search_index.ask("said afterwards", 10) == [message.id]


@pytest.mark.parametrize("few", [1000, 3])
def test_every_way_through_finds_the_same(
    robot: cast.Robot, ada: User, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Rare, middling and common terms, in each order of the inbox, page by page: the same as a plain filter."""
    rng = random.Random(few)
    for name, value in {"TOP": 5, "FURTHER": 12, "PROMISING": 2, "FEW": few, "NEWEST": 4}.items():
        monkeypatch.setattr(search, name, value)
    for _ in range(60):
        words = [
            word
            for word, share in (("apple", 0.6), ("pear", 0.2), ("quince", 0.04))
            if rng.random() < share
        ]
        message = cast.ask(
            robot, text=" ".join(["basket of", *words]), expires_in_seconds=rng.randint(60, 9999)
        )
        if rng.random() < 0.5:
            cast.answer(ada, message)
    for status in ("pending", "completed", "all"):
        everything = inbox_page(ada.as_actor(), status=status, limit=100).messages
        for term in ("apple", "pear", "quince", "basket", "medlar"):
            expected = [m.id for m in everything if term in (m.text or "")]
            assert walked(ada, status, term) == expected, (status, term)


def walked(ada: User, status: str, words: str) -> list[Any]:
    found: list[Any] = []
    cursor = None
    while True:
        page = inbox_page(ada.as_actor(), status=status, search=words, cursor=cursor, limit=4)
        found += [message.id for message in page.messages]
        if not (cursor := page.next_cursor):
            return found


def test_a_channel_is_walked_page_by_page(robot: cast.Robot, deep: None) -> None:
    for n in range(9):
        cast.say(robot, f"needle {n}" if n % 2 else f"straw {n}")
    first = channel_page(robot.actor, None, search="needle", limit=3)
    second = channel_page(robot.actor, None, search="needle", limit=3, cursor=first.next_cursor)
    assert [m.text for m in first.messages + second.messages] == [f"needle {n}" for n in (7, 5, 3, 1)]  # fmt: skip


def test_the_inbox_looks_at_names_of_agents_too(robot: cast.Robot, ada: User) -> None:
    crawler = cast.make_robot(ada, "Nightly crawler")
    named = cast.ask(crawler, text="Delete 12 pages?", expires_in_seconds=600)
    told = cast.ask(robot, text="Stop the CRAWLER?", expires_in_seconds=300)
    cast.ask(robot, text="Something else?")
    for status in ("pending", "all"):
        found = inbox_page(ada.as_actor(), status=status, search="crawler").messages
        assert {m.id for m in found} == {named.id, told.id}
    assert next_open(ada.as_actor(), search="crawler") == told.id
    assert next_open(ada.as_actor(), search="crawler", after=told.id) == named.id
    assert next_open(ada.as_actor(), search="crawler", after=named.id) == told.id
    only = inbox_page(ada.as_actor(), search="crawler", agent_id=robot.agent.id).messages
    assert [m.id for m in only] == [told.id]


def test_nobody_finds_what_is_not_theirs(
    robot: cast.Robot, other_robot: cast.Robot, ada: User, deep: None
) -> None:
    cast.ask(other_robot, text="Bob's unmistakable secret")
    fill(robot)
    assert texts(robot, "unmistakable") == []
    assert inbox_page(ada.as_actor(), search="unmistakable").messages == ()
    assert inbox_page(ada.as_actor(), search="Invoice reader").messages == ()


def test_the_api_searches(client: Client, robot: cast.Robot) -> None:
    cast.say(robot, "Find the Needle")
    cast.say(robot, "straw")
    answer = client.get("/api/v1/messages?search=needle", headers=robot.headers)
    assert [m["text"] for m in answer.json()["data"]] == ["Find the Needle"]
    refused = client.get("/api/v1/messages", {"search": "x" * 300}, headers=robot.headers)
    assert refused.status_code == 400
