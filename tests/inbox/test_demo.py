"""`manage.py demo` shows everything there is, through the services only."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import TestCase

from accounts.models import User
from agents.models import Agent, StatusChange
from files.models import Preview, StoredFile
from inbox.models import Message
from placet.events.models import EventRow
from placet.lib.clock import now
from placet.lib.ids import first_id_at
from reviews import types
from reviews.models import Review
from runs.models import Run
from tests import cast

SLUGS = {kind.slug for kind in types.all_types()}
STATUSES = {"active", "busy", "error", "offline"}


def demo(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


class DemoTests(TestCase):
    """Filled once: playing a week takes a second or two."""

    said: str

    @classmethod
    def setUpTestData(cls) -> None:
        cls.said = demo()

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        (settings.PLACET_DATA_DIR / "demo-sign-in").unlink()

    def test_every_type_is_there_in_every_state(self) -> None:
        seen = set(Review.objects.values_list("type", "status"))
        states = ("pending", "completed", "expired", "cancelled")
        assert {(slug, state) for slug in SLUGS for state in states} <= seen
        rows = Review.objects.all()
        dismissed = {row.type for row in rows if (row.response or {}).get("_dismissed")}
        assert dismissed == {"selection", "form", "text-input"}
        assert {kind for kind, _ in seen} - SLUGS == {"signature"}

    def test_past_and_ids_agree(self) -> None:
        at = now()
        for message in Message.objects.all():
            assert first_id_at(message.created_at) <= message.pk
            assert message.pk < first_id_at(message.created_at + timedelta(milliseconds=1))
        assert Message.objects.filter(created_at__lt=at - timedelta(days=6)).exists()
        assert not Review.objects.filter(settled_at__gt=at).exists()
        assert not Review.objects.pending().filter(expires_at__lte=at).exists()
        assert Review.objects.pending().filter(expires_at__lt=at + timedelta(minutes=20)).exists()

    def test_files_of_several_kinds_are_what_their_names_say(self) -> None:
        kinds = dict(StoredFile.objects.values_list("filename", "mime_type"))
        assert {kinds[name] for name in kinds} == {
            "application/pdf", "audio/wav", "image/png", "text/csv", "text/plain",
        }  # fmt: skip
        assert not StoredFile.objects.filter(message_id=None).exists()
        assert Preview.objects.count() > 5
        assert set(Preview.objects.values_list("state", flat=True)) == {"ready"}

    def test_there_is_a_week_of_heartbeats_of_every_kind(self) -> None:
        assert set(StatusChange.objects.values_list("status", flat=True)) == STATUSES
        assert set(Agent.objects.values_list("status", flat=True)) == STATUSES
        for agent in Agent.objects.all():
            assert agent.status_changes.count() > 10

    def test_every_change_has_its_event(self) -> None:
        endings = ["review:responded", "review:expired", "review:cancelled"]
        settled = Review.objects.exclude(status="pending").count()
        assert EventRow.objects.filter(type__in=endings).count() == settled
        created = EventRow.objects.filter(type="message:created").count()
        assert created == Message.objects.count()

    def test_runs_are_there_at_work_waiting_silent_and_done(self) -> None:
        runs = Run.objects.order_by("pk").values_list("status", flat=True)
        assert sorted(runs) == ["awaiting", "completed", "in_progress", "stale"]
        for run in Run.objects.all():
            numbers = run.activities.order_by("number").values_list("number", flat=True)
            assert list(numbers) == list(range(1, run.length + 1))
            assert first_id_at(run.created_at) <= run.pk
        assert Run.objects.filter(status="in_progress", stale_at__gt=now() + timedelta(hours=20))

    def test_twice_a_day_changes_nothing_and_tells_the_same(self) -> None:
        before = Message.objects.count(), Review.objects.count(), User.objects.count()
        assert demo() == self.said
        assert before == (Message.objects.count(), Review.objects.count(), User.objects.count())

    def test_another_day_asks_the_open_questions_again(self) -> None:
        before = Review.objects.count()
        with time_machine.travel(now() + timedelta(days=3)):
            demo()
            assert Review.objects.open(now()).count() == Review.objects.count() - before > 0

    def test_the_password_is_random_and_kept_for_its_owner_only(self) -> None:
        note = settings.PLACET_DATA_DIR / "demo-sign-in"
        assert note.stat().st_mode & 0o777 == 0o600
        password = self.said.split("password ")[1].split()[0]
        assert User.objects.get(email="olga@placet.example").check_password(password)


@pytest.mark.django_db
def test_a_placet_with_people_is_left_alone() -> None:
    cast.make_user("Ada")
    with pytest.raises(CommandError, match="--force"):
        demo()
    assert not Message.objects.exists()
