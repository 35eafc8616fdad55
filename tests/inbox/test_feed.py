"""`GET /api/v1/events`: what happened to a key's agents, in order, for whoever catches up."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import users
from agents import keys
from agents import services as agents
from inbox import live
from inbox.feed.page import feed_page
from inbox.services import keeping, writing
from inbox.services.arriving import Attachments
from placet.events import retention, selectors
from placet.events.catalogue import EVENTS, PUBLIC
from placet.events.models import EventRow
from placet.lib.clock import now
from placet.lib.errors import Forbidden
from reviews import services as reviews
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feed(client: Client, robot: cast.Robot) -> "Feed":
    return Feed(client, robot.key)


class Feed:
    def __init__(self, client: Client, key: str) -> None:
        self.client, self.key = client, key

    def get(self, **query: Any) -> Any:
        return self.client.get("/api/v1/events", query, headers={"x-api-key": self.key})

    def __call__(self, **query: Any) -> Any:
        answer = self.get(**query)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    def all(self, **query: Any) -> list[Any]:
        return list(self(after=0, **query)["data"])

    def refused(self, **query: Any) -> tuple[int, Any]:
        answer = self.get(**query)
        return answer.status_code, [
            (error["path"], error["message"]) for error in answer.json()["errors"]
        ]


def types(events: list[Any]) -> list[str]:
    return [event["type"] for event in events]


def test_everything_that_happened_to_the_agent_is_told_in_order(
    feed: Feed, robot: cast.Robot, ada: User
) -> None:
    agents.ping(by=robot.actor, agent_id=robot.agent.id, status="busy", message="Counting")
    asked, taken_back = cast.ask(robot), cast.ask(robot)
    cast.answer(ada, asked)
    reviews.cancel_review(by=robot.actor, review_id=taken_back.id)
    due = cast.ask(robot, expires_in_seconds=1)
    reviews.expire_due_reviews(at=now() + timedelta(seconds=2))
    writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="Well done")
    keeping.delete_message(by=robot.actor, message_id=due.id)
    page = feed(after=0)
    assert types(page["data"]) == [
        "agent:status",
        "message:created",
        "message:created",
        "review:responded",
        "review:cancelled",
        "message:created",
        "review:expired",
        "message:created",
        "message:deleted",
    ]
    assert page["gap"] is False
    assert feed(after=page["nextCursor"]) == {**page, "data": []}


def test_an_event_carries_its_ids_and_its_message_as_it_is_now(
    feed: Feed, robot: cast.Robot, ada: User
) -> None:
    message = cast.ask(robot, "form")
    cast.answer(ada, message)
    created, responded = feed.all()
    row = EventRow.objects.get(type="review:responded")
    own = feed.client.get(f"/api/v1/messages/{message.id}", headers=robot.headers).json()
    assert responded == {
        "eventId": selectors.events_since(row.pk - 1)[-1].event_id,
        "type": "review:responded",
        "channelId": str(robot.agent.id),
        "recordedAt": responded["recordedAt"],
        "messageId": str(message.id),
        "message": own,
    }
    assert responded["recordedAt"].endswith("Z")
    assert own["review"]["response"]["token"] == cast.RESPONSES["form"]["token"]
    assert {**created, "message": None} == {
        "eventId": created["eventId"],
        "type": "message:created",
        "channelId": str(robot.agent.id),
        "recordedAt": created["recordedAt"],
        "messageId": str(message.id),
        "senderType": "agent",
        "reviewType": "form",
        "message": None,
    }
    assert created["message"] == own


def test_a_message_comes_with_its_files_at_no_query_for_each(
    feed: Feed, robot: cast.Robot, django_assert_num_queries: Any
) -> None:
    def say_with_a_file() -> str:
        file = cast.hand_over(robot)
        return str(cast.say(robot, attachments=Attachments(ids=(str(file.id),))).id)

    def read() -> Any:
        return feed_page(robot.actor, after=0)

    message_id = say_with_a_file()
    (event,) = feed.all()
    own = feed.client.get(f"/api/v1/messages/{message_id}", headers=robot.headers).json()
    assert [file["filename"] for file in own["attachments"]] == ["report.csv"]
    assert event["message"] == own
    with CaptureQueriesContext(connection) as few:
        read()
    for _ in range(5):
        say_with_a_file()
    with django_assert_num_queries(len(few)):
        read()


def test_an_event_has_the_id_that_a_socket_tells(feed: Feed, robot: cast.Robot) -> None:
    cast.say(robot)
    (event,) = feed.all()
    frames = [live.frame_of(recorded) for recorded in selectors.events_since(0)]
    assert [event["eventId"] in frame for frame in frames if "message:created" in frame] == [True]


def test_what_is_gone_is_null_and_what_tells_of_no_message_has_none(
    feed: Feed, robot: cast.Robot
) -> None:
    keeping.delete_message(by=robot.actor, message_id=cast.say(robot).id)
    agents.ping(by=robot.actor, agent_id=robot.agent.id, status="active")
    created, deleted, status = feed.all()
    assert (created["message"], deleted["message"]) == (None, None)
    assert "message" not in status
    assert status["status"] == "active"


def test_only_public_events_are_told(feed: Feed, robot: cast.Robot, ada: User) -> None:
    message = cast.ask(robot)
    keeping.acknowledge(by=robot.actor, message_id=message.id)
    keeping.mark_read(by=ada.as_actor(), agent_id=robot.agent.id)
    agents.update_agent(by=robot.actor, agent_id=robot.agent.id, changes={"name": "Renamed"})
    told = set(EventRow.objects.values_list("type", flat=True))
    assert {"message:delivery", "channel:read", "agent:updated", "key:issued"} <= told
    assert types(feed.all()) == ["message:created"]
    assert set(PUBLIC) == {one.type for one in EVENTS if one.public}


def test_pages_follow_one_another_without_a_hole_and_without_a_repeat(
    feed: Feed, robot: cast.Robot
) -> None:
    said = [str(cast.say(robot, f"{n}").id) for n in range(7)]
    cursor, told, pages = "0", [], 0
    while page := feed(after=cursor, limit=3):
        pages += 1
        told += [event["messageId"] for event in page["data"]]
        cursor = page["nextCursor"]
        if not page["data"]:
            break
    assert (told, pages) == (said, 4)


def test_a_page_has_fifty_events_and_at_most_a_hundred(feed: Feed, robot: cast.Robot) -> None:
    for n in range(101):
        cast.say(robot, f"{n}")
    sizes = [len(feed(after=0, **query)["data"]) for query in ({}, {"limit": 101}, {"limit": -1})]
    assert sizes == [50, 100, 1]
    assert feed.refused(limit="many") == (
        400,
        [("limit", 'must be a whole number; got "many"')],
    )


def test_without_a_cursor_it_begins_with_what_happens_next(feed: Feed, robot: cast.Robot) -> None:
    cast.say(robot, "Long ago")
    first = feed()
    assert (first["data"], first["gap"]) == ([], False)
    cast.say(robot, "News")
    (event,) = feed(after=first["nextCursor"])["data"]
    assert event["message"]["text"] == "News"
    assert feed(after="")["data"] == []


def test_before_anything_happened_there_is_a_cursor_all_the_same(feed: Feed) -> None:
    EventRow.objects.all().delete()
    assert feed() == feed(after=0) == {"data": [], "nextCursor": "0", "gap": False}


def test_types_narrow_it(feed: Feed, robot: cast.Robot, ada: User) -> None:
    cast.answer(ada, cast.ask(robot))
    agents.ping(by=robot.actor, agent_id=robot.agent.id, status="active")
    assert types(feed.all(types="review:responded")) == ["review:responded"]
    both = feed.all(types=" review:responded, agent:status,,review:responded")
    assert types(both) == ["review:responded", "agent:status"]
    assert types(feed.all(types=["agent:status", "review:responded"])) == types(both)
    assert len(feed.all(types="")) == len(feed.all()) == 3


@pytest.mark.parametrize(
    "query",
    [
        {"after": "abc"},
        {"after": "-1"},
        {"after": "1.5"},
        {"after": "١٢"},
        {"after": "9" * 19},
        {"wait": "soon"},
        {"wait": "-1"},
        {"types": "review:responded,review:answered"},
        {"types": "key:issued"},
    ],
)
def test_nonsense_is_refused_with_field_rule_and_value(feed: Feed, query: dict[str, str]) -> None:
    ((field, value),) = query.items()
    status, ((path, message),) = feed.refused(**query)
    rule = {
        "after": "must be a nextCursor of this feed, or 0",
        "wait": "must be a whole number of milliseconds",
        "types": f"must be one of {', '.join(PUBLIC)}",
    }[field]
    assert (status, path) == (400, field)
    assert message == f'{rule}; got "{value.rpartition(",")[2]}"'


class TestWhose:
    def test_a_key_hears_of_its_own_agents_and_of_nobody_elses(
        self, client: Client, robot: cast.Robot, other_robot: cast.Robot, ada: User
    ) -> None:
        cast.say(robot, "Mine")
        cast.say(other_robot, "Theirs")
        second = cast.make_robot(ada, "Second")
        cast.say(second, "Mine too")
        every = Feed(client, keys.issue_key(by=ada.as_actor()).key)
        assert texts(every.all()) == ["Mine", "Mine too"]
        assert texts(Feed(client, robot.key).all()) == ["Mine"]
        assert texts(Feed(client, second.key).all()) == ["Mine too"]
        assert texts(every.all(channel=second.agent.id)) == ["Mine too"]

    def test_a_reviewer_has_no_part_in_it(
        self, client: Client, robot: cast.Robot, other_robot: cast.Robot, bob: User
    ) -> None:
        """What a person may see is more than what their keys may."""
        by = robot.actor
        agents.set_reviewers(by=by, agent_id=robot.agent.id, user_ids=[bob.pk])
        cast.say(robot, "Ada's")
        assert Feed(client, keys.issue_key(by=bob.as_actor()).key).all() == []

    def test_a_channel_that_is_not_the_keys_is_403(
        self, feed: Feed, other_robot: cast.Robot, ada: User
    ) -> None:
        second = cast.make_robot(ada, "Second")
        for channel in (other_robot.agent.id, second.agent.id, uuid4(), "nonsense"):
            for wait in (0, 20):
                answer = feed.get(after=0, channel=channel, wait=wait)
                assert (answer.status_code, answer.json()["message"]) == (403, "Not your agent")

    def test_an_agent_that_changed_hands_takes_its_past_along(
        self, client: Client, robot: cast.Robot, ada: User, olga: User
    ) -> None:
        cast.say(robot, "Inherited")
        users.delete_user(by=olga.as_actor(), user_id=ada.pk)
        heir = Feed(client, keys.issue_key(by=olga.as_actor()).key)
        assert texts(heir.all(types="message:created")) == ["Inherited"]

    def test_a_key_without_an_agent_hears_of_nothing(self, client: Client, bob: User) -> None:
        assert Feed(client, keys.issue_key(by=bob.as_actor()).key).all() == []

    def test_it_takes_the_read_scope(self, client: Client, robot: cast.Robot, ada: User) -> None:
        writer = keys.issue_key(by=ada.as_actor(), scopes=["write"]).key
        answer = Feed(client, writer).get(after=0)
        assert (answer.status_code, answer.json()["message"]) == (
            403,
            'This key lacks the "read" scope.',
        )

    def test_a_person_reads_no_feed(self, ada: User) -> None:
        with pytest.raises(Forbidden):
            feed_page(ada.as_actor())


def texts(events: list[Any]) -> list[str]:
    return [event["message"]["text"] for event in events if event["message"]]


class TestGap:
    @pytest.fixture(autouse=True)
    def _forgets_nearly_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retention, "NEWEST_KEPT", 2)

    def forget(self) -> None:
        retention.forget_events(before=now() + timedelta(days=1))

    def test_an_old_cursor_is_answered_from_the_oldest_kept_and_told_of_the_gap(
        self, feed: Feed, robot: cast.Robot
    ) -> None:
        cursor = feed()["nextCursor"]
        for text in ("Lost", "Kept", "Kept too"):
            cast.say(robot, text)
        self.forget()
        page = feed(after=cursor)
        assert (texts(page["data"]), page["gap"]) == (["Kept", "Kept too"], True)
        assert feed(after=page["nextCursor"])["gap"] is False

    def test_who_was_told_everything_that_was_forgotten_has_no_gap(
        self, feed: Feed, robot: cast.Robot
    ) -> None:
        cast.say(robot, "Told")
        cursor = feed()["nextCursor"]
        for text in ("Kept", "Kept too"):
            cast.say(robot, text)
        self.forget()
        page = feed(after=cursor)
        assert (texts(page["data"]), page["gap"]) == (["Kept", "Kept too"], False)

    def test_who_asks_for_all_there_is_gets_that_and_no_gap(
        self, feed: Feed, robot: cast.Robot
    ) -> None:
        for text in ("Lost", "Kept", "Kept too"):
            cast.say(robot, text)
        self.forget()
        page = feed(after=0)
        assert (texts(page["data"]), page["gap"]) == (["Kept", "Kept too"], False)

    def test_a_quiet_agents_cursor_goes_on_with_everybody_elses_and_never_grows_old(
        self, feed: Feed, other_robot: cast.Robot
    ) -> None:
        cursor = feed()["nextCursor"]
        for _ in range(5):
            cast.say(other_robot, "Not for Ada")
            page = feed(after=cursor)
            assert (page["data"], page["gap"]) == ([], False)
            assert int(page["nextCursor"]) > int(cursor)
            cursor = page["nextCursor"]
            self.forget()

    def test_a_cursor_of_another_database_begins_anew_and_says_so(
        self, feed: Feed, robot: cast.Robot
    ) -> None:
        cast.say(robot, "Before")
        newest = feed()["nextCursor"]
        page = feed(after=int(newest) + 1000, wait=60_000)
        assert page == {"data": [], "nextCursor": newest, "gap": True}
        cast.say(robot, "After")
        assert texts(feed(after=page["nextCursor"])["data"]) == ["After"]


def test_other_methods_are_refused_as_at_every_door(client: Client, robot: cast.Robot) -> None:
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)("/api/v1/events", headers=robot.headers)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET"), method
        assert answer.json()["code"] == "method_not_allowed"
