"""Removing a person removes nobody's work."""

import pytest

from accounts.models import User
from accounts.services import users
from agents import selectors
from inbox.snapshots import MessageSnapshot
from placet.events.models import EventRow
from placet.lib.errors import Unauthorized
from tests import cast

pytestmark = pytest.mark.django_db


def test_the_agents_of_a_removed_person_become_the_removers(
    olga: User, ada: User, robot: cast.Robot, approval: MessageSnapshot
) -> None:
    users.delete_user(by=olga.as_actor(), user_id=ada.pk)
    agent = selectors.agent_for(olga.as_actor(), robot.agent.id)
    assert agent.owner_id == olga.pk
    assert cast.answer(olga, approval).status == "completed"


def test_their_keys_end_and_whoever_waits_with_one_is_told(
    olga: User, ada: User, robot: cast.Robot
) -> None:
    key_id = robot.actor.key_id
    users.delete_user(by=olga.as_actor(), user_id=ada.pk)
    with pytest.raises(Unauthorized):
        robot.actor  # noqa: B018 - asking is the test
    assert EventRow.objects.filter(type="key:revoked", data__keyId=str(key_id)).count() == 1
