"""After every event, the fragment a browser fetches is the same card that a freshly rendered page holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.html import Element, parse_html

from accounts.models import User
from agents import services as agents
from files.services import previewing
from inbox.services import keeping, writing
from inbox.services.arriving import Attachments
from inbox.snapshots import MessageSnapshot
from placet.events.catalogue import EVENTS
from placet.events.models import EventRow
from placet.lib.clock import now
from reviews import services as reviews
from reviews.models import Review
from runs.services import updating
from tests import cast
from tests.files import pieces
from tests.files.conftest import shelf  # noqa: F401 - a fixture
from tests.runs import parts as runs

pytestmark = pytest.mark.django_db

# What an event changes in an open page: (fragment, page that holds it, id of the element).
Shown = tuple[str, str, str]
Happening = Callable[[User, cast.Robot], list[Shown]]


def card(message: MessageSnapshot, tab: str = "all") -> list[Shown]:
    whole = f"/inbox/{message.id}/?status={tab}"
    return [
        (f"/inbox/{message.id}/row/?status={tab}", whole, f"row-{message.id}"),
        (f"/inbox/{message.id}/card/", whole, f"card-{message.id}"),
        bubble(message),
    ]


def bubble(message: MessageSnapshot) -> Shown:
    return (f"/messages/{message.id}/", f"/chats/{message.agent.id}/", f"m-{message.id}")


def created(ada: User, robot: cast.Robot) -> list[Shown]:
    return [*card(cast.ask(robot, "form")), bubble(cast.say(robot, "**plain**"))]


def delivered(ada: User, robot: cast.Robot) -> list[Shown]:
    message = writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="for you")
    keeping.acknowledge(by=robot.actor, message_id=message.id)
    return [bubble(message)]


def responded(ada: User, robot: cast.Robot) -> list[Shown]:
    message = cast.ask(robot)
    cast.answer(ada, message, feedback="well asked")
    return card(message)


def expired(ada: User, robot: cast.Robot) -> list[Shown]:
    message = cast.ask(robot)
    Review.objects.filter(pk=message.id).update(expires_at=now() - timedelta(seconds=1))
    reviews.expire_due_reviews()
    return card(message)


def cancelled(ada: User, robot: cast.Robot) -> list[Shown]:
    message = cast.ask(robot)
    reviews.cancel_review(by=robot.actor, review_id=message.id)
    return card(message)


def previewed(ada: User, robot: cast.Robot) -> list[Shown]:
    files = [cast.hand_over(robot), cast.hand_over(robot, pieces.picture(), name="chart.png")]
    message = cast.ask(robot, attachments=Attachments(ids=[str(file.id) for file in files]))
    previewing.make_due()
    fragment = f"/messages/{message.id}/files/"
    pages = (f"/inbox/{message.id}/", f"/chats/{robot.agent.id}/")
    return [(fragment, page, f"files-{message.id}") for page in pages] + [bubble(message)]


def status_changed(ada: User, robot: cast.Robot) -> list[Shown]:
    agents.ping(by=robot.actor, agent_id=robot.agent.id, status="busy", message="rolling out")
    return [(f"/status/{robot.agent.id}/row/", "/status/", f"agent-{robot.agent.id}")]


def run_created(ada: User, robot: cast.Robot) -> list[Shown]:
    agents.update_agent(by=ada.as_actor(), agent_id=robot.agent.id, changes={"takes_runs": True})
    runs.write(ada, robot)
    run_id, home = runs.run_of(robot).id, f"/chats/{robot.agent.id}/"
    return [(f"{home}runs/", home, "at-work"), (f"/runs/{run_id}/", f"/runs/{run_id}/", "run")]


def run_activity(ada: User, robot: cast.Robot) -> list[Shown]:
    shown = run_created(ada, robot)
    runs.tell(robot, "thought", "Looking")
    asked = runs.tell(robot, "elicitation", "Whose?").activity.message_id
    return [*shown, (f"/messages/{asked}/", f"/chats/{robot.agent.id}/", f"m-{asked}")]


def run_updated(ada: User, robot: cast.Robot) -> list[Shown]:
    shown = run_created(ada, robot)
    changes = {"plan": [{"content": "Look", "status": "inProgress"}]}
    updating.update_run(by=robot.actor, run_id=runs.run_of(robot).id, changes=changes)
    return shown


SEEN: dict[str, Happening | str] = {
    "message:created": created,
    "message:deleted": "the page removes what it shows and fetches nothing",
    "message:delivery": delivered,
    "review:responded": responded,
    "review:expired": expired,
    "review:cancelled": cancelled,
    "agent:created": "the chat list is fetched anew",
    "agent:updated": "the chat list is fetched anew",
    "agent:deleted": "the chat list is fetched anew",
    "agent:status": status_changed,
    "agent:access": "settings are rendered when they are opened",
    "app:installed": "settings are rendered when they are opened",
    "app:revoked": "settings are rendered when they are opened",
    "run:assigned": "it comes beside an event of the run's",
    "run:mentioned": "it comes beside an event of the run's",
    "run:created": run_created,
    "run:activity": run_activity,
    "run:updated": run_updated,
    "channel:read": "the chat list is fetched anew",
    "file:stored": "pages of files are fetched anew",
    "file:previewed": previewed,
    "file:deleted": "the page marks what it shows as gone and fetches nothing",
    "key:issued": "settings are rendered when they are opened",
    "key:rotated": "settings are rendered when they are opened",
    "key:revoked": "settings are rendered when they are opened",
    "endpoint:changed": "settings are rendered when they are opened",
    "endpoint:off": "a line says so, and leads to the endpoint",
    "session:ended": "the socket closes and the page asks to sign in",
    "user:created": "settings are rendered when they are opened",
    "user:updated": "settings are rendered when they are opened",
    "user:deleted": "the socket closes and the page asks to sign in",
}


def cut(node: Any, wanted: str) -> Element | None:
    if not isinstance(node, Element):
        return None
    if dict(node.attributes).get("id") == wanted:
        return node
    return next((found for child in node.children if (found := cut(child, wanted))), None)


def without_selection_and_tokens(element: Element) -> Element:
    """A row fetched alone is not selected, every form has a token of its own, and a clock goes on."""
    kept = [
        (k, v)
        for k, v in element.attributes
        if k not in {"aria-selected", "value", "aria-posinset", "aria-setsize"}
    ]
    element.attributes = kept
    if any(k == "data-since" for k, _ in kept):
        element.children = []
    for child in element.children:
        if isinstance(child, Element):
            without_selection_and_tokens(child)
    return element


def test_every_event_is_thought_of() -> None:
    assert set(SEEN) == {event.type for event in EVENTS}


@pytest.mark.parametrize("event", [event for event, how in SEEN.items() if callable(how)])
def test_the_fragment_is_the_page_s_own_piece(
    event: str, ada: User, robot: cast.Robot, browser: Client
) -> None:
    how = SEEN[event]
    assert callable(how)
    shown = how(ada, robot)
    assert EventRow.objects.filter(type=event).exists()
    for fragment, whole, element_id in shown:
        answer = browser.get(fragment, headers={"HX-Request": "true"})
        assert answer.status_code == 200, fragment
        alone = cut(parse_html(answer.text), element_id)
        inside = cut(parse_html(browser.get(whole).text), element_id)
        assert alone is not None, f"{fragment} has no #{element_id}"
        assert inside is not None, f"{whole} has no #{element_id}"
        assert str(without_selection_and_tokens(alone)) == str(without_selection_and_tokens(inside))
