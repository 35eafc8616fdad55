"""What an app was doing when it was revoked ends with it."""

import pytest

from accounts.models import User
from compat.apps import auth, services
from compat.apps.snapshots import RegisteredApp
from inbox.services import writing
from placet.events.models import EventRow
from placet.lib.actors import Actor
from reviews import services as reviews
from reviews.errors import AlreadySettled
from reviews.models import Review
from runs.drafts import draft
from runs.errors import RunEnded
from runs.models import Run
from runs.services import admitting, prompting, reporting
from tests.cast import Robot

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(ada: User) -> RegisteredApp:
    made = services.register_app(by=ada.as_actor(), name="Weather bot", told_in=())
    services.install_app(by=ada.as_actor(), app_id=made.app.id)
    return made


@pytest.fixture
def bot(ada: User, made: RegisteredApp) -> Actor:
    return auth.actor_of_token(services.issue_token(by=ada.as_actor(), app_id=made.app.id).token)


def say(ada: User, made: RegisteredApp, text: str = "Rain?") -> None:
    writing.write_message(by=ada.as_actor(), agent_id=made.app.agent.id, text=text)


def revoke(ada: User, made: RegisteredApp) -> None:
    services.revoke_app(by=ada.as_actor(), app_id=made.app.id)


def test_its_open_runs_are_stopped_everywhere(ada: User, made: RegisteredApp, robot: Robot) -> None:
    channel = robot.agent.id
    admitting.admit(by=ada.as_actor(), agent_id=made.app.agent.id, channel=channel)
    say(ada, made)
    writing.write_message(by=ada.as_actor(), agent_id=channel, text="@Weather bot, rain?")
    assert Run.objects.open().count() == 2
    revoke(ada, made)
    assert set(Run.objects.values_list("status", "stopped_by_id", "stale_at")) == {
        ("stopped", ada.pk, None)
    }
    assert EventRow.objects.filter(type="run:updated").count() == 2


def test_its_open_question_is_taken_back(ada: User, made: RegisteredApp, bot: Actor) -> None:
    say(ada, made)
    asked = draft(type="elicitation", content={"body": "Where?"})
    reporting.report(by=bot, run_id=Run.objects.get().pk, draft=asked)
    revoke(ada, made)
    review = Review.objects.get()
    assert review.status == "cancelled"
    with pytest.raises(AlreadySettled):
        reviews.respond(by=ada.as_actor(), review_id=review.pk, response={"text": "Oslo"})


def test_what_is_said_later_joins_no_run_of_its(ada: User, made: RegisteredApp) -> None:
    say(ada, made)
    revoke(ada, made)
    say(ada, made, "Still there?")
    assert Run.objects.get().length == 1


def test_its_ended_run_cannot_be_opened_again_until_it_is_installed_again(
    ada: User, made: RegisteredApp
) -> None:
    say(ada, made)
    revoke(ada, made)
    run = Run.objects.get()
    with pytest.raises(RunEnded):
        prompting.prompt(by=ada.as_actor(), run_id=run.pk, text="Go on")
    services.install_app(by=ada.as_actor(), app_id=made.app.id)
    prompting.prompt(by=ada.as_actor(), run_id=run.pk, text="Go on")
    assert Run.objects.open().exists()


def test_another_agents_run_goes_on(ada: User, made: RegisteredApp) -> None:
    other = services.register_app(by=ada.as_actor(), name="Other bot", told_in=())
    services.install_app(by=ada.as_actor(), app_id=other.app.id)
    say(ada, other)
    revoke(ada, made)
    assert Run.objects.open().exists()
