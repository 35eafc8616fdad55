"""Files come in whole or not at all."""

import hashlib
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from files import selectors
from files.errors import OverLimit
from files.models import StoredFile
from files.services import storing
from files.storage import storage
from placet.events.models import EventRow
from placet.lib.actors import SYSTEM
from placet.lib.errors import Forbidden, NotFound
from tests import cast
from tests.files import pieces
from tests.files.conftest import bytes_on

pytestmark = pytest.mark.django_db


def test_a_stored_file_is_known_by_its_content(robot: cast.Robot, shelf: Path) -> None:
    content = pieces.picture("PNG", (64, 48))
    file = cast.hand_over(robot, content, name="../Photo.html", declared="text/html")
    assert (file.filename, file.mime_type, file.size) == ("Photo.html", "image/png", len(content))
    assert (file.width, file.height) == (64, 48)
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert (file.agent_id, file.message_id, file.uploader_type) == (robot.agent.id, None, "agent")
    assert bytes_on(shelf)[0].read_bytes() == content
    assert EventRow.objects.get(type="file:stored").data["fileId"] == str(file.id)


def test_the_key_tells_nothing_of_the_name_and_the_bytes_are_for_their_owner_only(
    robot: cast.Robot, shelf: Path
) -> None:
    file = cast.hand_over(robot, name="secret-plan.csv")
    assert file.storage_key.startswith("uploads/")
    assert "secret" not in file.storage_key
    (stored,) = bytes_on(shelf)
    assert stored.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in stored.parents[:4]} == {0o700}


def test_a_persons_file_carries_its_person(robot: cast.Robot, ada: User) -> None:
    file = cast.hand_over(robot, by=ada)
    assert (file.uploader_type, file.uploader_user_id) == ("user", ada.pk)


def test_a_strangers_channel_takes_no_file(
    robot: cast.Robot, other_robot: cast.Robot, shelf: Path
) -> None:
    with pytest.raises(NotFound):
        storing.store_file(
            by=other_robot.actor,
            agent_id=robot.agent.id,
            arrival=storing.Arrival(content=ContentFile(b"x")),
        )
    assert bytes_on(shelf) == []


def test_nobody_is_no_uploader(robot: cast.Robot, shelf: Path) -> None:
    with pytest.raises(Forbidden):
        storing.store_file(
            by=SYSTEM,
            agent_id=robot.agent.id,
            arrival=storing.Arrival(content=ContentFile(b"x")),
        )
    assert bytes_on(shelf) == []


def test_a_file_over_the_limit_is_refused_with_limit_and_value(
    robot: cast.Robot, settings: Any, shelf: Path
) -> None:
    settings.PLACET_FILE_MAX_BYTES = 10
    with pytest.raises(OverLimit, match="at most 10 bytes; got 11"):
        cast.hand_over(robot, b"x" * 11)
    assert cast.hand_over(robot, b"x" * 10).size == 10
    assert len(bytes_on(shelf)) == 1


def test_an_agent_has_a_quota_and_others_have_theirs(
    robot: cast.Robot, other_robot: cast.Robot, settings: Any, shelf: Path
) -> None:
    settings.PLACET_FILES_QUOTA_BYTES = 30
    cast.hand_over(robot, b"x" * 20)
    with pytest.raises(OverLimit, match=r"at most 30 bytes together.*; got 31"):
        cast.hand_over(robot, b"x" * 11)
    cast.hand_over(other_robot, b"x" * 30)
    assert selectors.bytes_used(robot.agent.id) == 20


def test_when_the_row_cannot_be_written_the_bytes_are_gone(robot: cast.Robot, shelf: Path) -> None:
    with patch.object(storing, "keep", side_effect=RuntimeError), pytest.raises(RuntimeError):
        cast.hand_over(robot)
    assert bytes_on(shelf) == []
    assert not StoredFile.objects.exists()


def test_when_the_second_of_two_cannot_be_put_the_first_goes_too(
    robot: cast.Robot, shelf: Path
) -> None:
    arrivals = [storing.Arrival(content=ContentFile(b"x")) for _ in range(2)]
    put = storing._put
    outcomes = [put(arrivals[0]), OSError("disk full")]
    putting = storing.putting(robot.agent, arrivals)
    with patch.object(storing, "_put", side_effect=outcomes), pytest.raises(OSError, match="full"):
        putting.__enter__()
    assert bytes_on(shelf) == []


def test_a_row_that_is_rolled_back_takes_its_bytes_along(robot: cast.Robot, shelf: Path) -> None:
    arrival = storing.Arrival(content=ContentFile(b"x"))

    def keep_and_fail() -> None:
        with storing.putting(robot.agent, [arrival]) as put, transaction.atomic():
            storing.keep(by=robot.actor, agent=robot.agent, put=put)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        keep_and_fail()
    assert bytes_on(shelf) == []
    assert not StoredFile.objects.exists()


def test_a_piece_of_a_file_is_read_from_its_middle(robot: cast.Robot) -> None:
    file = cast.hand_over(robot, b"0123456789")
    source = storage().open_at(file.storage_key, 3, 4)
    assert source.read(4) == b"3456"
    source.close()
