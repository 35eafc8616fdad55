"""Who may see which agent is said twice, once for lists and once for a row at hand: both say the same of everybody."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from agents import keys
from agents.auth import actor_of_key
from agents.models import Agent
from placet.lib.actors import SYSTEM, Actor
from tests import cast

pytestmark = pytest.mark.django_db


def everybody(ada: User, bob: User, olga: User, robot: cast.Robot) -> list[Actor]:
    reviewer, colleague = cast.make_user("Rita"), cast.make_user("Gus")
    group = Group.objects.create(name="Reviewers")
    colleague.groups.add(group)
    agent = Agent.objects.get(pk=robot.agent.id)
    agent.reviewers.add(reviewer)
    agent.reviewer_groups.add(group)
    people = [user.as_actor() for user in (ada, bob, olga, reviewer, colleague)]
    unbound = [
        actor_of_key(keys.issue_key(by=user.as_actor()).key) for user in (ada, bob, olga, reviewer)
    ]
    return [SYSTEM, robot.actor, *people, *unbound]


def test_a_list_and_a_row_agree_on_who_may_see_an_agent(
    ada: User, bob: User, olga: User, robot: cast.Robot, other_robot: cast.Robot
) -> None:
    cast.make_robot(ada, "Her other one")
    seen = set()
    for actor in [*everybody(ada, bob, olga, robot), other_robot.actor]:
        listed = set(Agent.objects.visible_to(actor))
        assert {row for row in Agent.objects.all() if row.is_visible_to(actor)} == listed, actor
        seen.add(len(listed))
    assert seen >= {0, 1, 2, 3}
