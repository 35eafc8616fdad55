"""The same files in a bucket that speaks S3, over a real connection."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from moto.server import ThreadedMotoServer

from accounts.models import User
from files.models import StoredFile
from files.services import leaving, previewing
from files.storage import new_key, storage
from placet.lib import clock
from placet.lib.clock import now
from tests import cast
from tests.files import pieces
from tests.processes import free_port

pytestmark = pytest.mark.django_db

BUCKET, PREFIX = "placet-files", "one/of/several"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def bucket(endpoint: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    options = {
        "bucket_name": BUCKET,
        "location": PREFIX,
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "access_key": "key",
        "secret_key": "secret",
        "default_acl": None,
        "max_memory_size": 1024,
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "files.bucket.Bucket", "OPTIONS": options},
    }
    made = storage().connection.create_bucket(Bucket=BUCKET)
    yield made
    made.objects.all().delete()


def keys(bucket: Any) -> list[str]:
    return [one.key for one in bucket.objects.all()]


def test_a_file_is_stored_under_the_prefix_and_served_whole_and_in_parts(
    robot: cast.Robot, browser: Client, bucket: Any
) -> None:
    content = pieces.picture("PNG", (300, 200)) + b"x" * 300_000
    file = cast.hand_over(robot, content, name="chart.png")
    assert keys(bucket) == [f"{PREFIX}/{file.storage_key}"]
    path = f"/api/files/{file.id}/download"
    assert browser.get(path).getvalue() == content
    part = browser.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.getvalue()) == (206, content[100:200])
    several = browser.get(path, headers={"Range": "bytes=0-0,5-5"})
    assert several.status_code == 206
    assert content[5:6] in several.getvalue()


def test_an_empty_file_and_one_that_is_gone(
    robot: cast.Robot, browser: Client, bucket: Any
) -> None:
    empty, gone = cast.hand_over(robot, b""), cast.hand_over(robot)
    assert browser.get(f"/api/files/{empty.id}/download").getvalue() == b""
    storage().delete(gone.storage_key)
    assert browser.get(f"/api/files/{gone.id}/download").status_code == 404


def test_a_deleted_file_leaves_the_bucket(
    robot: cast.Robot, ada: User, bucket: Any, django_capture_on_commit_callbacks: Any
) -> None:
    file = cast.hand_over(robot)
    with django_capture_on_commit_callbacks(execute=True):
        leaving.delete_file(by=ada.as_actor(), file_id=file.id)
    assert keys(bucket) == []


def test_a_stray_in_the_bucket_is_found(robot: cast.Robot, bucket: Any) -> None:
    with clock.as_of(now() - timedelta(hours=30)):
        cast.hand_over(robot)
        stray = storage().save(new_key(), ContentFile(b"x"))
    assert leaving.discard_strays() == 1
    assert leaving.remove_discarded() == 1
    assert keys(bucket) == [f"{PREFIX}/{StoredFile.objects.get().storage_key}"]
    assert not storage().exists(stray)


def test_a_preview_is_made_of_a_copy_and_kept_in_the_bucket(
    robot: cast.Robot, browser: Client, bucket: Any
) -> None:
    file = cast.hand_over(robot, pieces.picture("PNG", (900, 600)), name="chart.png")
    previewing.make_due()
    told = browser.get(f"/api/files/{file.id}/preview").json()
    assert told["state"] == "ready"
    assert browser.get(told["pictures"][0]["url"]).getvalue()[:3] == b"\xff\xd8\xff"
    assert len(keys(bucket)) == 2


def test_a_bucket_that_does_not_answer_leaves_no_row(
    robot: cast.Robot, bucket: Any, settings: Any
) -> None:
    bucket.objects.all().delete()
    bucket.delete()
    with pytest.raises(Exception, match="NoSuchBucket"):
        cast.hand_over(robot)
    assert not StoredFile.objects.exists()
    storage().connection.create_bucket(Bucket=BUCKET)
