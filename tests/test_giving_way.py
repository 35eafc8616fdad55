"""Who takes many locks at once never makes somebody else fail."""

import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import User
from agents.models import Agent
from placet.lib.giving_way import gives_way
from tests import cast

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_of_two_who_wait_for_each_other_the_one_that_gives_way_begins_anew(ada: User) -> None:
    robot = cast.make_robot(ada)
    holds_agent, holds_person = threading.Event(), threading.Event()
    done: list[str] = []

    def touch_agent() -> None:
        Agent.objects.filter(pk=robot.agent.id).update(status_message="Touched")

    def touch_person() -> None:
        User.objects.filter(pk=ada.pk).update(display_name="Touched")

    @gives_way
    def takes_much() -> None:
        touch_person()
        holds_person.set()
        holds_agent.wait(5)
        # The other has waited for longer: it would be the one that PostgreSQL ends.
        time.sleep(0.5)
        touch_agent()

    def one_change() -> None:
        with transaction.atomic():
            touch_agent()
            holds_agent.set()
            # On SQLite nobody else can hold anything now.
            holds_person.wait(1)
            touch_person()
        done.append("the change")
        connection.close()

    other = threading.Thread(target=one_change)
    other.start()
    holds_agent.wait(5)
    takes_much()
    done.append("what takes much")
    other.join()
    assert done == ["the change", "what takes much"]


def test_another_fault_of_the_database_is_nobody_in_the_way() -> None:
    tries = []

    @gives_way
    def broken() -> None:
        tries.append(1)
        raise OperationalError("the disk is full")

    with pytest.raises(OperationalError):
        broken()
    assert len(tries) == 1
