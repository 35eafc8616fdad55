"""The Status page: figures, pictures, periods, and who may see which agent."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from agents import services as agents
from agents.models import StatusChange
from agents.uptime import spans, uptime
from inbox.status import board
from inbox.status.picture import draw
from inbox.status.window import DAY, WEEK, window_of
from inbox.status.words import NOTHING, ago, between, lasted, percent, took
from placet.lib.clock import now
from reviews.models import Review
from reviews.speed import median_of_all, median_response_seconds
from tests import cast

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def beat(robot: cast.Robot, *statuses: str, every: float = 6) -> None:
    """The last status began `every` hours ago, the one before it twice that, and so on."""
    for number, status in enumerate(statuses):
        at = now() - timedelta(hours=every * (len(statuses) - number))
        agents.ping(by=robot.actor, agent_id=robot.agent.id, status=status, at=at)


def line(ada: User, robot: cast.Robot, window: Any = DAY) -> board.Line:
    return board.line(ada.as_actor(), robot.agent.id, window)


def row(page: str, robot: cast.Robot) -> str:
    found = re.search(rf'<tr [^>]*id="agent-{robot.agent.id}".*?</tr>', page, re.DOTALL)
    assert found
    return re.sub(r"\s+", " ", found[0])


def test_a_row_says_how_an_agent_is_and_has_been(
    browser: Client, ada: User, robot: cast.Robot
) -> None:
    # Six hours before the early morning is yesterday.
    with time_machine.travel(now().replace(hour=12), tick=True):
        beat(robot, "active", "error", "busy")
        cast.say(robot)
        cast.answer(ada, cast.ask(robot))
        shown = row(browser.get("/status/?range=24h").text, robot)
    assert "Deploy pilot" in shown
    assert f"/chats/{robot.agent.id}/" in shown
    assert '<span class="word">busy</span>' in shown
    assert 'role="img" aria-label="Up 66.6 % of the last 24 h; error once, 6 h in all"' in shown
    assert ">66.6 %<" in shown
    assert 'data-label="Messages">2<' in shown
    assert 'data-label="Reviews">1<' in shown
    assert 'data-label="Median response">0 s<' in shown
    assert "6 h ago" in shown


def test_an_agent_that_never_pinged(browser: Client, robot: cast.Robot) -> None:
    shown = row(browser.get("/status/").text, robot)
    assert "no heartbeat yet" in shown
    assert 'aria-label="No heartbeat in the last 7 days"' in shown
    assert f'data-label="Uptime">{NOTHING}<' in shown


def test_the_tiles(browser: Client, ada: User, robot: cast.Robot, other_robot: cast.Robot) -> None:
    crawler = cast.make_robot(ada, "Nightly crawler")
    beat(robot, "error")
    beat(crawler, "active", "offline")
    beat(other_robot, "active")
    cast.answer(ada, cast.ask(robot))
    cast.ask(crawler)
    cast.ask(other_robot)
    text = re.sub(r"\s+", " ", browser.get("/status/").text)
    assert "Agents online</span><b>0 <small>of 2</small></b>" in text
    assert "Waiting for a human</span><b>1</b>" in text
    assert "Median response</span><b>0 s</b>" in text
    assert "Responded today</span><b>1</b>" in text
    assert text.count('<tr role="row" id="agent-') == 2


def test_what_the_period_leaves_out_does_not_count(ada: User, robot: cast.Robot) -> None:
    agents.ping(
        by=robot.actor, agent_id=robot.agent.id, status="error", at=now() - timedelta(days=3)
    )
    agents.ping(
        by=robot.actor, agent_id=robot.agent.id, status="active", at=now() - timedelta(days=2)
    )
    assert line(ada, robot, DAY).uptime == "100 %"
    assert line(ada, robot, WEEK).uptime == "66.6 %"


def test_who_is_in_error_stands_first_and_who_never_spoke_last(
    ada: User, robot: cast.Robot
) -> None:
    bad, quiet = cast.make_robot(ada, "Zeta"), cast.make_robot(ada, "Alpha")
    beat(robot, "active")
    beat(bad, "error")
    names = [one.agent.name for one in board.board(ada.as_actor(), DAY).lines]
    assert names == [bad.agent.name, robot.agent.name, quiet.agent.name]


def test_the_period_is_chosen_by_a_link(browser: Client, robot: cast.Robot) -> None:
    assert '<a href="?range=7d" aria-current="true">7 days</a>' in browser.get("/status/").text
    day = browser.get("/status/?range=24h").text
    assert '<a href="?range=24h" aria-current="true">24 h</a>' in day
    assert f"/status/{robot.agent.id}/row/?range=24h" in day
    assert window_of("a year") is WEEK
    assert WEEK.bars * (WEEK.wide + 1) == DAY.bars * (DAY.wide + 1)


def test_every_fragment_is_cut_from_the_page(browser: Client, robot: cast.Robot) -> None:
    beat(robot, "active")
    page = browser.get("/status/").text
    assert row(browser.get(f"/status/{robot.agent.id}/row/").text, robot) == row(page, robot)
    tiles = browser.get("/status/tiles/").text.strip()
    assert tiles in page
    fragment = browser.get("/status/", headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert tiles in fragment


def test_a_strangers_agent_is_not_there(
    browser: Client, client: Client, other_robot: cast.Robot
) -> None:
    assert browser.get(f"/status/{other_robot.agent.id}/row/").status_code == 404
    client.logout()
    for path in ("/status/", "/status/tiles/", f"/status/{other_robot.agent.id}/row/"):
        assert client.get(path).status_code == 302


def test_without_agents_it_says_what_to_do(browser: Client) -> None:
    page = browser.get("/status/").text
    assert "No agent yet" in page
    assert 'href="/settings/agents/"' in page


def test_nothing_an_agent_says_becomes_markup(browser: Client, robot: cast.Robot) -> None:
    bad = "<script>alert(1)</script>"
    agents.ping(by=robot.actor, agent_id=robot.agent.id, status="busy", message=bad)
    page = browser.get("/status/").text
    assert bad not in page
    assert escape(bad) in page
    assert not re.search(r"<[^>]+ style=", page)


def bars(*statuses: str) -> Any:
    """One status an hour, over a day that begins with the first."""
    start = NOON - timedelta(days=1)
    changes = [
        StatusChange(status=status, created_at=start + timedelta(hours=24 * n / len(statuses)))
        for n, status in enumerate(statuses)
        if status
    ]
    tiles = spans(changes, start=start, end=NOON)
    return draw(tiles, DAY, uptime(tiles))


@pytest.mark.parametrize(
    ("statuses", "kinds"),
    [
        (["active", "busy"], ["up"]),
        (["offline"], ["empty"]),
        (["error", "active"], ["error", "up"]),
        (["offline", "active"], ["empty", "up"]),
        (["", "active"], ["unknown", "up"]),
        ([""], ["unknown"]),
    ],
)
def test_the_picture_has_one_path_for_each_kind(statuses: list[str], kinds: list[str]) -> None:
    picture = bars(*statuses)
    assert [shape.kind for shape in picture.shapes] == kinds
    assert sum(run.width for run in picture.runs) == picture.width + 1
    assert len(picture.runs) == len(statuses)


def test_a_minute_of_error_is_still_seen() -> None:
    tiles = spans(
        [
            StatusChange(status=status, created_at=NOON - timedelta(minutes=minutes))
            for status, minutes in (("active", 2000), ("error", 61), ("active", 60))
        ],
        start=NOON - timedelta(days=1),
        end=NOON,
    )
    picture = draw(tiles, DAY, uptime(tiles))
    assert [shape.path for shape in picture.shapes if shape.kind == "error"] == ["M315 16h6v4h-6z"]
    assert any("error a minute" in run.title for run in picture.runs)


def test_words() -> None:
    assert [took(s) for s in (None, 0, 48.7, 89, 90, 3599, 5400, 7260, 129_600, 187_200)] == [NOTHING, "0 s", "48 s", "89 s", "1 min", "59 min", "1 h 30 min", "2 h 1 min", "1 d 12 h", "2 d 4 h"]  # fmt: skip
    assert [lasted(timedelta(seconds=s)) for s in (0, 59, 60, 119, 120)] == ["less than a minute", "less than a minute", "a minute", "a minute", "2 min"]  # fmt: skip
    assert [percent(share) for share in (None, 0, 0.5, 0.9999, 1.0)] == [NOTHING, "0 %", "50 %", "99.9 %", "100 %"]  # fmt: skip
    assert between(NOON, NOON + timedelta(hours=2)) == "Wed 12:00 to 14:00"
    assert between(NOON, NOON + timedelta(hours=12)) == "Wed 12:00 to Thu 00:00"


def test_ago_goes_by_the_persons_calendar() -> None:
    hours = (0, 0.5, 5, 11, 13, 47, 100, 400)
    with timezone.override(UTC):
        assert [ago(NOON - timedelta(hours=h), NOON) for h in hours] == ["just now", "30 min ago", "5 h ago", "11 h ago", "yesterday", "2 days ago", "4 days ago", "15 Feb"]  # fmt: skip
    assert ago(None, NOON) == NOTHING


def test_the_median_is_over_what_people_gave_in_time(
    ada: User, robot: cast.Robot, other_robot: cast.Robot
) -> None:
    for seconds in (10, 20, 900):
        review = cast.answer(ada, cast.ask(robot))
        asked = review.settled_at and review.settled_at - timedelta(seconds=seconds)
        Review.objects.filter(pk=review.id).update(created_at=asked)
    old = cast.answer(ada, cast.ask(robot))
    Review.objects.filter(pk=old.id).update(settled_at=now() - timedelta(days=2))
    cast.ask(robot)
    ids, since = [robot.agent.id, other_robot.agent.id], now() - timedelta(days=1)
    assert median_response_seconds(ids, since) == {robot.agent.id: pytest.approx(20, abs=0.01)}
    assert median_of_all(ids, since) == pytest.approx(20, abs=0.01)
