"""The chat list, when the world moves while it is read."""

import pytest

from accounts.models import User
from agents import selectors, services
from inbox import rail
from tests import cast

pytestmark = pytest.mark.django_db


def test_an_agent_deleted_while_the_list_is_read_is_left_out(
    ada: User, robot: cast.Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = selectors.agents_for(ada.as_actor())
    services.delete_agent(by=ada.as_actor(), agent_id=robot.agent.id)
    monkeypatch.setattr(selectors, "agents_for", lambda actor: seen)
    assert rail.channel_lines(ada.as_actor()) == []
