"""A file belongs to one message, or stands for the original it was made from."""

from typing import Any

import pytest

from accounts.models import User
from files.errors import OverLimit
from files.models import StoredFile
from files.selectors import files_of_messages
from files.services import linking
from placet.lib.errors import Invalid
from placet.lib.ids import new_id
from tests import cast

pytestmark = pytest.mark.django_db


def attach(by: Any, robot: cast.Robot, *file_ids: Any, to: Any = None) -> list[Any]:
    attached = linking.attach(
        by=by, agent_id=robot.agent.id, message_id=to or new_id(), file_ids=file_ids
    )
    return [file.id for file in attached]


def test_files_are_attached_in_the_order_they_are_named_and_once(robot: cast.Robot) -> None:
    one, two = cast.hand_over(robot), cast.hand_over(robot)
    message_id = new_id()
    assert attach(robot.actor, robot, two.id, one.id, two.id, to=message_id) == [two.id, one.id]
    assert [file.id for file in files_of_messages([message_id])[message_id]] == [two.id, one.id]
    assert attach(robot.actor, robot, two.id) == []


def test_what_is_none_of_the_channels_is_skipped(
    robot: cast.Robot, other_robot: cast.Robot, ada: User, bob: User
) -> None:
    foreign, adas, bobs = (
        cast.hand_over(other_robot),
        cast.hand_over(robot, by=ada),
        cast.hand_over(other_robot, by=bob),
    )
    own = cast.hand_over(robot)
    named = [foreign.id, adas.id, bobs.id, new_id(), "no-id", own.id]
    assert attach(robot.actor, robot, *named) == [own.id]
    assert attach(ada.as_actor(), robot, *named) == [adas.id]


def test_more_files_than_a_message_may_carry_are_refused(robot: cast.Robot, settings: Any) -> None:
    settings.PLACET_FILES_MAX_PER_MESSAGE = 1
    with pytest.raises(OverLimit, match="at most 1 files in one message; got 2"):
        attach(robot.actor, robot, new_id(), new_id())


@pytest.fixture
def asked(robot: cast.Robot) -> Any:
    """A message with a file, and the file."""
    message_id = new_id()
    file = cast.hand_over(robot)
    attach(robot.actor, robot, file.id, to=message_id)
    return message_id, file


def test_a_marked_up_file_stays_with_its_original(robot: cast.Robot, ada: User, asked: Any) -> None:
    message_id, original = asked
    changed = cast.hand_over(robot, by=ada)
    for _ in range(2):
        linking.keep_modified(
            by=ada.as_actor(),
            agent_id=robot.agent.id,
            message_id=message_id,
            modified={str(original.id): str(changed.id)},
        )
    row = StoredFile.objects.get(pk=changed.id)
    assert (row.original_id, row.message_id) == (original.id, None)
    assert not StoredFile.objects.loose().exists()


def test_what_is_no_pair_is_refused_by_field_and_value(
    robot: cast.Robot, other_robot: cast.Robot, ada: User, bob: User, olga: User, asked: Any
) -> None:
    message_id, original = asked
    changed, agents_own = cast.hand_over(robot, by=ada), cast.hand_over(robot)
    olgas = cast.hand_over(robot, by=olga)
    foreign = cast.hand_over(other_robot, by=bob)
    loose = str(agents_own.id)
    for pair, says in (
        ({loose: str(changed.id)}, f'a file of this message; got "{loose}"'),
        ({"x": str(changed.id)}, 'a file of this message; got "x"'),
        ({str(original.id): str(agents_own.id)}, "you stored in this channel"),
        # An id is no claim to what somebody else has not sent yet.
        ({str(original.id): str(olgas.id)}, "you stored in this channel"),
        ({str(original.id): str(foreign.id)}, "you stored in this channel"),
        ({str(original.id): str(original.id)}, "you stored in this channel"),
        ({str(original.id): None}, "you stored in this channel; got null"),
    ):
        with pytest.raises(Invalid) as refused:
            linking.keep_modified(
                by=ada.as_actor(), agent_id=robot.agent.id, message_id=message_id, modified=pair
            )
        (error,) = refused.value.errors
        assert error.path == f"modifiedFileIds.{next(iter(pair))}"
        assert says in error.message
    assert StoredFile.objects.get(pk=changed.id).original_id is None
