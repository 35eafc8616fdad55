"""Files go with what they belong to, and their bytes after them."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from agents import services as agents
from files.models import Discarded, StoredFile
from files.services import leaving
from files.storage import Folder, new_key, storage
from placet.events.models import EventRow
from placet.lib import clock
from placet.lib.clock import now
from placet.lib.errors import Forbidden, NotFound
from tests import cast
from tests.files.conftest import bytes_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Any) -> Any:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_deleted_file_takes_its_bytes_after_the_commit(
    robot: cast.Robot, ada: User, shelf: Path, commits: Any
) -> None:
    file = cast.hand_over(robot)
    with commits():
        leaving.delete_file(by=ada.as_actor(), file_id=file.id)
        assert len(bytes_on(shelf)) == 1
    assert bytes_on(shelf) == []
    assert not StoredFile.objects.exists()
    assert not Discarded.objects.exists()
    assert EventRow.objects.get(type="file:deleted").data["fileId"] == str(file.id)


def test_bytes_that_could_not_be_removed_are_removed_by_the_sweep(
    robot: cast.Robot, ada: User, shelf: Path, commits: Any
) -> None:
    file = cast.hand_over(robot)
    with patch.object(Folder, "delete", side_effect=OSError("away")), commits():
        leaving.delete_file(by=ada.as_actor(), file_id=file.id)
    assert len(bytes_on(shelf)) == 1
    assert leaving.remove_discarded() == 1
    assert bytes_on(shelf) == []
    assert leaving.remove_discarded() == 0


def test_a_deletion_that_is_rolled_back_loses_nothing(
    robot: cast.Robot, ada: User, shelf: Path, commits: Any
) -> None:
    file = cast.hand_over(robot)

    @transaction.atomic
    def delete_and_fail() -> None:
        leaving.delete_file(by=ada.as_actor(), file_id=file.id)
        raise ZeroDivisionError

    with commits(), pytest.raises(ZeroDivisionError):
        delete_and_fail()
    assert len(bytes_on(shelf)) == 1
    assert StoredFile.objects.filter(pk=file.id).exists()


def test_the_owner_and_the_uploader_delete_and_a_reviewer_does_not(
    robot: cast.Robot, ada: User, bob: User, olga: User
) -> None:
    agents.set_reviewers(by=ada.as_actor(), agent_id=robot.agent.id, user_ids=[bob.pk])
    agents_own, bobs = cast.hand_over(robot), cast.hand_over(robot, by=bob)
    with pytest.raises(Forbidden):
        leaving.delete_file(by=bob.as_actor(), file_id=agents_own.id)
    ids = [agents_own.id, bobs.id, "no-such-file"]
    assert leaving.delete_files(by=bob.as_actor(), file_ids=ids) == 1
    assert leaving.delete_files(by=olga.as_actor(), file_ids=ids) == 1


def test_a_strangers_file_and_none_look_the_same(robot: cast.Robot, bob: User) -> None:
    for file_id in (cast.hand_over(robot).id, "no-such-file"):
        with pytest.raises(NotFound, match="File not found"):
            leaving.delete_file(by=bob.as_actor(), file_id=file_id)
    assert leaving.delete_files(by=bob.as_actor(), file_ids=[StoredFile.objects.get().pk]) == 0


def test_an_agent_that_goes_takes_its_files(
    robot: cast.Robot, other_robot: cast.Robot, ada: User, shelf: Path, commits: Any
) -> None:
    cast.hand_over(robot)
    kept = cast.hand_over(other_robot)
    with commits():
        agents.delete_agent(by=ada.as_actor(), agent_id=robot.agent.id)
    assert [row.pk for row in StoredFile.objects.all()] == [kept.id]
    assert len(bytes_on(shelf)) == 1


def test_what_nobody_attached_is_collected_after_a_day(
    robot: cast.Robot, shelf: Path, commits: Any
) -> None:
    with clock.as_of(now() - timedelta(hours=25)):
        cast.hand_over(robot)
    young = cast.hand_over(robot)
    with commits():
        assert leaving.collect_loose() == 1
    assert [row.pk for row in StoredFile.objects.all()] == [young.id]
    assert len(bytes_on(shelf)) == 1
    assert leaving.collect_loose() == 0


def test_bytes_without_a_row_are_found_a_day_later_and_others_are_left_alone(
    robot: cast.Robot, shelf: Path, commits: Any
) -> None:
    with clock.as_of(now() - timedelta(hours=30)):
        cast.hand_over(robot)
        stray = storage().save(new_key(), ContentFile(b"a process died here"))
    storage().save(new_key(), ContentFile(b"still coming in"))
    with commits():
        assert leaving.discard_strays() == 1
    assert not storage().exists(stray)
    assert len(bytes_on(shelf)) == 2
    assert leaving.discard_strays() == 0


def test_what_a_killed_process_left_of_an_upload_is_removed_a_day_later(
    tmp_path: Path, settings: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    (tmp_path / "tmpold.upload").write_bytes(b"x")
    (tmp_path / "somebody-else's").write_bytes(b"x")
    assert leaving.sweep_arrivals() == 0
    assert leaving.sweep_arrivals(at=now() + timedelta(hours=25)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["somebody-else's"]
