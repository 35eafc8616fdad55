"""Threads that meet in one file: it belongs to one message, is previewed once, and is either attached or collected."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connections

from accounts.models import User
from files.errors import MarksChanged
from files.models import Markup, Preview, StoredFile
from files.services import leaving, marking, previewing
from inbox.models import Message
from inbox.services.arriving import Attachments
from placet.lib import clock
from placet.lib.clock import now
from placet.lib.errors import Invalid
from tests import cast
from tests.files import pieces
from tests.files.conftest import bytes_on

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

T = TypeVar("T")
THREADS, ROUNDS = 8, 5


def together(*jobs: Callable[[], T]) -> list[T]:
    """Each in a thread of its own, begun at the same moment."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        gate.wait()
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_a_file_that_many_messages_name_belongs_to_one(robot: cast.Robot) -> None:
    for _ in range(ROUNDS):
        file = cast.hand_over(robot)
        attachments = Attachments(ids=[str(file.id)])

        def name_it(attachments: Attachments = attachments) -> Any:
            return cast.say(robot, "Mine", attachments=attachments)

        said = together(*[name_it] * THREADS)
        (owner,) = [message.id for message in said if message.files]
        assert StoredFile.objects.get(pk=file.id).message_id == owner
        assert list(Message.objects.filter(has_files=True).values_list("pk", flat=True)) == [owner]
        Message.objects.all().delete()


def test_a_file_is_attached_or_collected_and_never_both(
    robot: cast.Robot, shelf: Path, ada: User
) -> None:
    for _ in range(ROUNDS):
        with clock.as_of(now() - timedelta(hours=25)):
            file = cast.hand_over(robot)

        def name_it(file: Any = file) -> Any:
            try:
                return cast.say(robot, "", attachments=Attachments(ids=[str(file.id)]))
            except Invalid:
                return None

        said, _ = together(name_it, leaving.collect_loose)
        leaving.remove_discarded()
        kept = StoredFile.objects.filter(pk=file.id).exists()
        assert kept == (said is not None)
        assert len(bytes_on(shelf)) == StoredFile.objects.count()


def test_a_preview_is_claimed_by_one_maker(robot: cast.Robot) -> None:
    for n in range(ROUNDS):
        cast.hand_over(robot, pieces.picture(), name=f"{n}.png")
    claims = together(*[previewing._claimed] * THREADS)
    claimed = [row.pk for row in claims if row is not None]
    assert len(claimed) == len(set(claimed)) == ROUNDS
    assert set(Preview.objects.values_list("attempts", flat=True)) == {1}


STROKE = {"id": "a", "tool": "pen", "colour": "red", "size": 6, "points": "5,15 35,15"}


def test_of_tabs_that_save_over_the_same_version_one_wins(ada: User, robot: cast.Robot) -> None:
    picture = cast.hand_over(robot, pieces.picture(), name="a.png")
    for version in range(ROUNDS):

        def save(version: int = version) -> bool:
            try:
                marking.save_marks(
                    by=ada.as_actor(), file_id=picture.id, version=version, marks=[STROKE]
                )
            except MarksChanged:
                return False
            return True

        assert sum(together(*[save] * THREADS)) == 1
        assert Markup.objects.get().version == version + 1


def test_marks_that_many_draw_at_once_become_one_picture(
    ada: User, robot: cast.Robot, shelf: Path
) -> None:
    picture = cast.hand_over(robot, pieces.picture(), name="a.png")
    marking.save_marks(by=ada.as_actor(), file_id=picture.id, version=0, marks=[STROKE])
    drawn = together(*[lambda: marking.draw_marks(by=ada.as_actor(), file_id=picture.id)] * 4)
    assert len({one.picture_id for one in drawn}) == 1
    leaving.remove_discarded()
    assert StoredFile.objects.count() == 2
    assert len(bytes_on(shelf)) == 2
