"""An agent that came from elsewhere is told in other words: by the same deliveries, through a dialect that a floor above brings."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.models import User
from inbox.services import writing
from placet.events.models import Recorded
from placet.lib.errors import Invalid, NotFound
from tests import cast
from tests.receiver import Receiver
from webhooks import dialects
from webhooks.dialects import Letter, News, Writer
from webhooks.engine import Engine
from webhooks.models import Circuit, Delivery, Endpoint, Off
from webhooks.selectors import endpoint_of_agent
from webhooks.services import endpoints, queueing
from webhooks.targets import keys_of

pytestmark = pytest.mark.django_db(transaction=True)


class Shouting:
    """Says the text in capitals, signs with a word, and puts the time of each try into the body."""

    name = "shout"
    stamped = {"X-Shout": "***"}

    def hears(self, recorded: Recorded) -> bool:
        return recorded.type == "message:created" and recorded.data["senderType"] == "user"

    def writer(self, news: Sequence[News]) -> Writer:
        def write(one: News) -> dict[str, Any]:
            return {"says": (one.message.text or "").upper() if one.message else None}

        return write

    def seal(self, letter: Letter) -> tuple[bytes, Mapping[str, str]]:
        body = orjson.dumps({**orjson.loads(letter.body), "at": letter.at.isoformat()})
        return body, {"X-Shout": f"{letter.secret}{len(body)}"}


class Whispering(Shouting):
    name = "whisper"

    def writer(self, news: Sequence[News]) -> Writer:
        return lambda one: {"says": "psst"}


@pytest.fixture(autouse=True)
def _two_dialects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialects, "_by_name", {})
    dialects.register(Shouting())
    dialects.register(Whispering())


def tell(robot: cast.Robot, ada: User, *told_in: str) -> None:
    endpoints.speak(by=ada.as_actor(), agent_id=robot.agent.id, told_in=told_in)
    writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="hold")
    Engine().drain()


def test_who_speaks_a_dialect_is_told_in_it_alone(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    tell(robot, ada, "shout")
    (heard,) = there.heard
    assert heard.json["says"] == "HOLD"
    assert heard.headers["x-shout"] == f"{secret}{len(heard.body)}"


def test_each_try_is_sealed_anew_and_what_was_written_stays(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answers(500)
    tell(robot, ada, "shout")
    Delivery.objects.update(due_at=Delivery.objects.get().created_at)
    Engine().drain()
    first, second = there.heard
    assert first.json["says"] == second.json["says"] == "HOLD"
    assert first.json["at"] < second.json["at"]
    assert first.event_id == second.event_id


def test_in_two_dialects_an_event_is_told_twice_and_one_that_fails_does_not_hold_up_the_other(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answer = lambda heard: (410 if heard.json["says"] == "psst" else 200, {}, 0.0)
    tell(robot, ada, "shout", "whisper")
    assert sorted(heard.json["says"] for heard in there.heard) == ["HOLD", "psst"]
    row = Endpoint.objects.get()
    assert (row.off, row.dialects) == ("", ["shout"])


def test_the_only_dialect_that_is_gone_switches_the_endpoint_off(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answers(410)
    tell(robot, ada, "shout")
    assert Endpoint.objects.get().off == Off.GONE


def test_an_endpoint_is_as_well_as_its_worst_dialect_and_starts_afresh_in_all(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answer = lambda heard: (500 if heard.json["says"] == "psst" else 200, {}, 0.0)
    tell(robot, ada, "shout", "whisper")
    shown = endpoint_of_agent(ada.as_actor(), robot.agent.id)
    assert shown
    assert shown.health.failures == 1
    endpoints.switch_endpoint(by=ada.as_actor(), endpoint_id=shown.id, on=True)
    assert not Circuit.objects.filter(failures__gt=0).exists()


def test_a_dialect_that_is_not_spoken_any_more_fails_the_delivery_and_says_so(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    there.answers(500)
    tell(robot, ada, "shout")
    dialects._by_name.pop("shout")
    Delivery.objects.update(due_at=Delivery.objects.get().created_at)
    Engine().drain()
    delivery = Delivery.objects.get()
    assert (delivery.status, len(there.heard)) == ("failed", 1)


def test_an_unknown_dialect_and_a_strangers_agent_are_refused(
    robot: cast.Robot, ada: User, bob: User, secret: str
) -> None:
    with pytest.raises(Invalid):
        endpoints.speak(by=ada.as_actor(), agent_id=robot.agent.id, told_in=["klingon"])
    with pytest.raises(NotFound):
        endpoints.speak(by=bob.as_actor(), agent_id=robot.agent.id, told_in=["shout"])


def test_the_registry_refuses_what_is_none_and_what_is_there() -> None:
    with pytest.raises(TypeError):
        dialects.register("shout")  # type: ignore[arg-type]
    with pytest.raises(ImproperlyConfigured):
        dialects.register(Shouting())


def test_a_test_event_is_told_in_every_dialect_as_real_events_are(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    endpoint = endpoints.speak(
        by=ada.as_actor(), agent_id=robot.agent.id, told_in=["shout", "whisper"]
    )
    queueing.send_test(by=ada.as_actor(), endpoint_id=endpoint.id)
    Engine().drain()
    assert [row.target for row in Delivery.objects.order_by("dialect")] == keys_of(
        Endpoint.objects.get()
    )[1:]
    assert {heard.headers["x-shout"] for heard in there.heard} == {
        f"{secret}{len(heard.body)}" for heard in there.heard
    }
    assert len({heard.event_id for heard in there.heard}) == 1


def test_a_test_event_in_a_dialect_nobody_speaks_any_more_is_refused(
    robot: cast.Robot, ada: User, there: Receiver, secret: str
) -> None:
    endpoint = endpoints.speak(by=ada.as_actor(), agent_id=robot.agent.id, told_in=["shout"])
    dialects._by_name.pop("shout")
    with pytest.raises(Invalid):
        queueing.send_test(by=ada.as_actor(), endpoint_id=endpoint.id)
    assert not Delivery.objects.exists()
