"""Lists cost the same number of queries however much is in them. The numbers are here so that a change of one is news."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agents import services as agents
from files.selectors import files_page
from inbox.feed.page import feed_page, first_page
from inbox.rail import channel_lines
from inbox.selectors import channel_page, pending_in
from inbox.services.arriving import Attachments
from inbox.status.board import board
from inbox.status.window import WEEK
from inbox.triage import inbox_page, next_open, waiting_count
from tests import cast
from tests.files.conftest import shelf  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def fill(ada: User, robot: cast.Robot, number: int) -> None:
    for n in range(number):
        cast.say(robot, f"Report {n}")
        cast.ask(robot, text=f"Question {n}?")
        cast.answer(ada, cast.ask(robot))
        other = cast.make_robot(ada, f"Agent {n}")
        cast.say(other, "Hi")
        for status in ("active", "busy"):
            agents.ping(by=other.actor, agent_id=other.agent.id, status=status)


def fill_with_files(robot: cast.Robot, number: int) -> None:
    for n in range(number):
        files = [cast.hand_over(robot, name=f"{n}-{m}.csv") for m in range(3)]
        asked = cast.ask if n % 2 else cast.say
        asked(robot, attachments=Attachments(ids=[str(file.id) for file in files]))


def counted(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


def selectors(ada: User, robot: cast.Robot) -> dict[str, int]:
    me, agent_id, reader = ada.as_actor(), robot.agent.id, robot.actor
    cursor = inbox_page(me, limit=1).next_cursor
    return {
        "inbox, waiting": counted(lambda: inbox_page(me)),
        "inbox, done": counted(lambda: inbox_page(me, status="completed")),
        "inbox, all": counted(lambda: inbox_page(me, status="all")),
        "inbox, one agent": counted(lambda: inbox_page(me, agent_id=agent_id)),
        "inbox, further on": counted(lambda: inbox_page(me, cursor=cursor)),
        "inbox, search": counted(lambda: inbox_page(me, search="question")),
        "next open": counted(lambda: next_open(me)),
        "waiting count": counted(lambda: waiting_count(me)),
        "chat list": counted(lambda: channel_lines(me)),
        "channel": counted(lambda: channel_page(me, agent_id)),
        "channel, search": counted(lambda: channel_page(me, agent_id, search="report")),
        "channel, pending": counted(lambda: pending_in(me, agent_id)),
        "feed": counted(lambda: first_page(reader, after=1)),
        "feed, further on": counted(lambda: feed_page(reader, after=1)),
        "status": counted(lambda: board(me, WEEK)),
    }


EXPECTED = {
    # Which agents are visible, which questions come first, and those messages.
    "inbox, waiting": 3,
    "inbox, done": 3,
    "inbox, all": 3,
    "inbox, one agent": 3,
    "inbox, further on": 3,
    # Two more while the list is short: where its top ends, and agents of that name.
    "inbox, search": 5,
    "next open": 2,
    "waiting count": 2,
    # The agents; their last message and unread count; their open questions.
    "chat list": 3,
    # The agent, the ids, those messages.
    "channel": 3,
    "channel, search": 4,
    "channel, pending": 2,
    # The agents, how far one may read, the events, those messages; whether the cursor is within what is kept (2).
    "feed": 6,
    "feed, further on": 4,
    # Agents; transitions, and the last ones before; messages; reviews; two medians; who waits (2); today.
    "status": 10,
}
PAGES = ("/status/", "/admin/agents/agent/", "/admin/reviews/review/", "/admin/inbox/message/")


def test_a_list_costs_the_same_however_long(ada: User, robot: cast.Robot) -> None:
    fill(ada, robot, 3)
    assert selectors(ada, robot) == EXPECTED
    fill(ada, robot, 20)
    assert selectors(ada, robot) == EXPECTED


def test_a_page_costs_the_same_however_much_it_lists(
    client: Client, olga: User, ada: User, robot: cast.Robot
) -> None:
    client.force_login(olga)
    fill(ada, robot, 3)
    client.get(PAGES[0])
    few = {path: counted(partial(client.get, path)) for path in PAGES}
    fill(ada, robot, 20)
    many = {path: counted(partial(client.get, path)) for path in PAGES}
    assert few == many
    assert max(many.values()) <= 20


def files(ada: User, robot: cast.Robot) -> dict[str, int]:
    me, agent_id = ada.as_actor(), robot.agent.id
    cursor = files_page(me, limit=1).next_cursor
    return {
        "channel": counted(lambda: channel_page(me, agent_id)),
        "inbox": counted(lambda: inbox_page(me)),
        "files": counted(lambda: files_page(me)),
        "files, some": counted(lambda: files_page(me, group="document", search="csv")),
        "files, further on": counted(lambda: files_page(me, cursor=cursor)),
    }


#: What lists cost where messages carry files: one query more, whatever their number.
WITH_FILES = {"channel": 4, "inbox": 4, "files": 2, "files, some": 2, "files, further on": 2}


def test_files_cost_one_query_however_many_there_are(
    ada: User, robot: cast.Robot, browser: Client
) -> None:
    def pages() -> dict[str, int]:
        paths = (f"/chats/{robot.agent.id}/", "/inbox/", "/files/", "/files/?type=document&q=csv")
        return {path: counted(partial(browser.get, path)) for path in paths}

    fill_with_files(robot, 3)
    browser.get("/files/")
    few = pages()
    assert files(ada, robot) == WITH_FILES
    fill_with_files(robot, 20)
    assert files(ada, robot) == WITH_FILES
    assert pages() == few
