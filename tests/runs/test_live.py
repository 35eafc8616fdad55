"""Who hears of a guest's run while it goes on: the people of both agents in their browsers, and no agent but the guest."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from agents import services as agents
from placet.events.models import EventRow
from placet.events.selectors import latest_id
from runs.models import Run
from runs.services import admitting, opening, stopping, updating
from tests import cast
from tests.inbox.test_live import LiveCase
from tests.runs.parts import make_runner, run_of, tell, write
from webhooks.models import Delivery
from webhooks.services import endpoints

HOOK = "https://hooks.example/placet"


class GuestsLive(LiveCase):
    """Ada owns both agents; Bob reviews the conversation, and Gina only the guest."""

    __test__ = True

    def setUp(self) -> None:
        super().setUp()
        self.gina = cast.make_user("Gina")
        self.cookies[self.gina.pk] = self.sign_in(self.gina)
        self.guest = make_runner(self.ada, "Build doctor")
        by = self.ada.as_actor()
        admitting.admit(by=by, agent_id=self.guest.agent.id, channel=self.robot.agent.id)
        for robot, person in ((self.robot, self.bob), (self.guest, self.gina)):
            agents.set_reviewers(by=by, agent_id=robot.agent.id, user_ids=[person.pk])

    def call(self, text: str = "@Build doctor: why red?") -> None:
        write(self.ada, self.robot, text)

    def work(self) -> None:
        tell(self.guest, "thought")
        run_id = run_of(self.guest).id
        plan = [{"content": "Look", "status": "inProgress"}]
        updating.update_run(by=self.guest.actor, run_id=run_id, changes={"plan": plan})
        stopping.stop(by=self.ada.as_actor(), run_id=run_id)

    async def heard(self, socket: Any) -> list[tuple[str, str]]:
        """What was told of runs, with what each did."""
        frames = []
        while not await socket.receive_nothing(0.3):
            frames.append(await socket.receive_json_from(3))
        of_runs = [frame for frame in frames if frame["type"].startswith("run:")]
        return [(f["type"], f.get("activityType") or f.get("status", "")) for f in of_runs]

    async def test_who_sees_the_conversation_hears_its_guest(self) -> None:
        bob, gina = await self.open(self.bob), await self.open(self.gina)
        await sync_to_async(self.call)()
        await sync_to_async(self.work)()
        told = [
            ("run:created", ""),
            ("run:activity", "prompt"),
            ("run:activity", "thought"),
            ("run:updated", "in_progress"),
            ("run:activity", "prompt"),
        ]
        assert await self.heard(bob) == told
        assert await self.heard(gina) == [*told[:2], ("run:mentioned", ""), *told[2:]]
        await self.hang_up()

    async def test_a_frame_says_where_and_nothing_that_the_run_s_page_does_not(self) -> None:
        bob = await self.open(self.bob)
        await sync_to_async(self.call)()
        frames = [await bob.receive_json_from(3) for _ in range(3)]
        created = next(frame for frame in frames if frame["type"] == "run:created")
        assert created["agentId"] == str(self.guest.agent.id)
        assert created["conversationId"] == str(self.robot.agent.id)
        assert created.keys() == {
            *("type", "id", "eventId", "agentId", "at", "runId", "trigger", "conversationId")
        }
        await self.hang_up()

    async def test_elsewhere_the_guest_works_unheard(self) -> None:
        """In its own conversation, and in one that Bob does not see."""
        other = await sync_to_async(cast.make_robot)(self.ada, "Elsewhere")
        ids: dict[str, Any] = {"agent_id": self.guest.agent.id, "channel": other.agent.id}
        await sync_to_async(admitting.admit)(by=self.ada.as_actor(), **ids)
        bob, gina = await self.open(self.bob), await self.open(self.gina)
        await sync_to_async(write)(self.ada, self.guest, "At home")
        await sync_to_async(opening.delegate)(by=self.ada.as_actor(), **ids)
        assert await self.heard(bob) == []
        assert len(await self.heard(gina)) == 5
        await self.hang_up()

    async def test_being_let_in_and_handed_a_conversation_is_no_news_of_the_conversation(
        self,
    ) -> None:
        bob = await self.open(self.bob)
        ids: dict[str, Any] = {"agent_id": self.guest.agent.id, "channel": self.robot.agent.id}
        await sync_to_async(opening.delegate)(by=self.ada.as_actor(), **ids)
        await sync_to_async(admitting.dismiss)(by=self.ada.as_actor(), **ids)
        types = [type for type, _ in await self.heard(bob)]
        assert types == ["run:created", "run:activity", "run:updated"]
        await self.hang_up()

    async def test_what_was_missed_of_a_guest_is_replayed(self) -> None:
        cursor = await sync_to_async(latest_id)()
        await sync_to_async(self.call)()
        bob, stranger = await self.open(self.bob), await self.open(self.gina)
        await sync_to_async(agents.set_reviewers)(
            by=self.ada.as_actor(), agent_id=self.guest.agent.id, user_ids=[]
        )
        await bob.send_json_to({"type": "hello", "cursor": cursor})
        assert ("run:created", "") in await self.heard(bob)
        await stranger.send_json_to({"type": "hello", "cursor": cursor})
        assert await self.heard(stranger) == []
        await self.hang_up()


@pytest.fixture
def home(ada: Any) -> cast.Robot:
    return make_runner(ada, "Deploy pilot")


@pytest.fixture
def guest(ada: Any, home: cast.Robot) -> cast.Robot:
    guest = make_runner(ada, "Build doctor")
    admitting.admit(by=ada.as_actor(), agent_id=guest.agent.id, channel=home.agent.id)
    return guest


def work(ada: Any, home: cast.Robot, guest: cast.Robot) -> None:
    write(ada, home, "@Build doctor: why red?")
    for type in ("thought", "elicitation", "response"):
        tell(guest, type)


def feed(client: Client, robot: cast.Robot) -> list[Any]:
    answer = client.get("/api/v1/events?after=0", headers=robot.headers)
    assert answer.status_code == 200, answer.content
    told: list[Any] = answer.json()["data"]
    return told


@pytest.mark.django_db(transaction=True)
def test_no_agent_hears_of_anothers_run_in_its_conversation(
    ada: Any, home: cast.Robot, guest: cast.Robot, client: Client
) -> None:
    work(ada, home, guest)
    run_id = Run.objects.get().pk
    doors = (
        f"runs/{run_id}",
        f"runs/{run_id}/activities",
        f"runs/{run_id}/activities/{Run.objects.get().activities.first().pk}",  # type: ignore[union-attr]
    )
    for path in doors:
        assert client.get(f"/api/v1/{path}", headers=home.headers).status_code == 404, path
        assert client.get(f"/api/v1/{path}", headers=guest.headers).status_code == 200, path
    listed = client.get("/api/v1/runs", headers=home.headers).json()["data"]
    told = feed(client, home)
    assert listed == []
    assert [one["type"] for one in told if one["type"].startswith("run:")] == []
    assert "message:created" in {one["type"] for one in told}


@pytest.mark.django_db(transaction=True)
def test_the_guest_s_own_feed_is_as_it_was(
    ada: Any, home: cast.Robot, guest: cast.Robot, client: Client
) -> None:
    work(ada, home, guest)
    assert EventRow.objects.filter(data__conversationId=str(home.agent.id)).count() > 3
    told = feed(client, guest)
    runs = [one for one in told if one["type"].startswith("run:")]
    assert [one.get("activityType") for one in runs] == [
        *(None, "prompt", "thought", "elicitation", "response")
    ]
    assert {one["channelId"] for one in runs} == {str(guest.agent.id)}
    assert runs[0].keys() == {"eventId", "type", "channelId", "recordedAt", "runId", "trigger"}


@pytest.mark.django_db
def test_webhooks_go_by_the_agent_alone(
    ada: Any, olga: Any, home: cast.Robot, guest: cast.Robot
) -> None:
    for robot in (home, guest):
        endpoints.set_agent_webhook(by=robot.actor, agent_id=robot.agent.id, url=HOOK)
    endpoints.create_endpoint(
        by=olga.as_actor(), name="Of the pilot", url=HOOK, agent_ids=[home.agent.id]
    )
    work(ada, home, guest)
    told = Delivery.objects.filter(event_type__startswith="run:")
    assert {row.agent_id for row in told} == {guest.agent.id}
    assert not told.filter(kind="workspace").exists()
