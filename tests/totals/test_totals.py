"""Running totals: what was recorded is counted once, in time, and by whoever comes first."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from prometheus_client.metrics_core import Metric

from accounts.models import User
from agents.services import delete_agent
from inbox.services import writing
from placet.lib.clock import as_of, now
from placet.lib.metrics import read_database
from placet.totals import selectors, services, tally
from reviews import services as reviews
from tests import cast

pytestmark = pytest.mark.django_db
AGO = timedelta(minutes=2)


@pytest.fixture
def robot(ada: User) -> cast.Robot:
    """Older than what it says: events are counted in the order in which they were recorded."""
    with as_of(now() - AGO):
        return cast.make_robot(ada)


@pytest.fixture
def past(robot: cast.Robot, ada: User) -> None:
    """Two minutes ago Ada's robot said one thing and asked four; Ada responded after ten seconds, and wrote a word."""
    moment = now() - AGO
    with as_of(moment):
        cast.say(robot)
        asked = [cast.ask(robot), cast.ask(robot, "form"), cast.ask(robot, "my-own", payload={})]
        cast.ask(robot, expires_in_seconds=60)
        reviews.cancel_review(by=robot.actor, review_id=asked[2].id)
    with as_of(moment + timedelta(seconds=10)):
        cast.answer(ada, asked[0])
        writing.write_message(by=ada.as_actor(), agent_id=robot.agent.id, text="Thanks")
    with as_of(moment + timedelta(seconds=61)):
        reviews.expire_due_reviews()


def figures() -> dict[str, Metric]:
    return {figure.name: figure for figure in read_database()}


def labelled(name: str) -> dict[str, float]:
    """The samples of a figure with one label."""
    return {next(iter(s.labels.values())): s.value for s in figures()[name].samples if s.labels}


@pytest.mark.usefixtures("past")
def test_what_was_recorded_is_counted() -> None:
    services.count_up()
    assert labelled("placet_messages_posted") == {"agent": 5, "user": 1}
    asked = dict.fromkeys(["selection", "text-input", "freeform", "link"], 0)
    asked |= {"approval": 2, "form": 1, "other": 1}
    assert labelled("placet_reviews_asked") == asked
    assert labelled("placet_reviews_settled") == {"completed": 1, "expired": 1, "cancelled": 1}


@pytest.mark.usefixtures("past")
def test_how_long_people_took_is_kept_in_buckets() -> None:
    services.count_up()
    buckets = labelled("placet_review_response_seconds")
    assert (buckets["5"], buckets["15"], buckets["+Inf"]) == (0, 1, 1)
    (total,) = (
        sample.value
        for sample in figures()["placet_review_response_seconds"].samples
        if sample.name.endswith("_sum")
    )
    assert total == pytest.approx(10, abs=0.01)


@pytest.mark.usefixtures("past")
def test_counting_again_adds_nothing_and_asks_little(django_assert_num_queries: Any) -> None:
    assert services.count_up() > 0
    before = selectors.totals()
    with django_assert_num_queries(3):
        assert services.count_up() == 0
    assert selectors.totals() == before


@pytest.mark.usefixtures("past")
def test_counting_goes_on_where_it_stopped() -> None:
    with patch.multiple(services, BATCH=3, MOST_BATCHES=2):
        assert services.count_up() == 6
        while services.count_up():
            pass
    assert labelled("placet_messages_posted") == {"agent": 5, "user": 1}


@pytest.mark.usefixtures("past")
def test_of_two_that_count_the_same_events_one_adds_them() -> None:
    gains_of = tally.gains_of

    def overtaken(events: Any) -> Any:
        with patch.object(services, "gains_of", gains_of):
            services.count_up()
        return gains_of(events)

    with patch.object(services, "gains_of", overtaken):
        assert services.count_up() == 0
    assert labelled("placet_messages_posted") == {"agent": 5, "user": 1}


@pytest.mark.usefixtures("past")
def test_one_sees_for_how_long_nobody_has_counted() -> None:
    (behind,) = figures()["placet_totals_behind_seconds"].samples
    assert AGO.total_seconds() <= behind.value < AGO.total_seconds() + 60
    services.count_up()
    (behind,) = figures()["placet_totals_behind_seconds"].samples
    assert behind.value < 60


@pytest.mark.usefixtures("past")
def test_a_deleted_agent_takes_nothing_off_the_totals(robot: cast.Robot, ada: User) -> None:
    services.count_up()
    delete_agent(by=ada.as_actor(), agent_id=robot.agent.id)
    services.count_up()
    assert labelled("placet_messages_posted") == {"agent": 5, "user": 1}
