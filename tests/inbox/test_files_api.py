"""`/api/v1/files` and `/api/files`: how files come in, and who finds them there."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agents import keys
from files.models import StoredFile
from inbox.models import Message
from tests import cast
from tests.files import pieces
from tests.files.conftest import shelf  # noqa: F401 - a fixture
from tests.inbox.test_agent_api import Api
from tests.inbox.test_attachments import ATTACHMENT_KEYS

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(client: Client, robot: cast.Robot) -> Api:
    return Api(client, robot.key)


def send(client: Client, path: str, *, headers: Any = None, **fields: Any) -> Any:
    """A form as curl writes it; a bytes field is a file of the field's name."""
    form = {
        name: SimpleUploadedFile(f"{name}.bin", value) if isinstance(value, bytes) else value
        for name, value in fields.items()
    }
    return client.post(path, form, headers=headers or {})


def test_an_upload_is_a_message_with_the_file(client: Client, robot: cast.Robot) -> None:
    picture = SimpleUploadedFile("../Chart.png", pieces.picture(), "text/html")
    form = {"file": picture, "channelId": str(robot.agent.id)}
    answer = client.post("/api/v1/files/upload", form, headers=robot.headers)
    told = answer.json()
    assert (answer.status_code, set(told)) == (201, ATTACHMENT_KEYS)
    assert (told["filename"], told["mimeType"], told["pluginType"]) == (
        "Chart.png",
        "image/png",
        "@uax/image",
    )
    message = Message.objects.get()
    assert (str(message.pk), message.sender_type, message.text) == (
        told["messageId"],
        "agent",
        None,
    )


def test_a_stored_file_belongs_to_nothing_until_a_message_names_it(
    api: Api, client: Client, robot: cast.Robot
) -> None:
    told = send(client, "/api/v1/files/store", headers=robot.headers, file=b"x").json()
    assert told["messageId"] is None
    posted = api("post", "/messages", {"attachmentIds": [told["id"]]}).json()
    assert posted["attachments"][0]["id"] == told["id"]
    assert posted["attachments"][0]["messageId"] == posted["id"]


def test_a_text_is_stored_under_the_names_of_the_reference(api: Api) -> None:
    told = api("post", "/files/store-text", {"content": "# Hi"})
    assert (told.status_code, told.json()["filename"], told.json()["mimeType"]) == (
        201,
        "content.md",
        "text/markdown",
    )
    named = {"content": "a,b", "filename": "t.csv", "mimeType": "text/csv"}
    assert api("post", "/files/store-text", named).json()["mimeType"] == "text/csv"
    refused = api("post", "/files/store-text", {"filename": "t.csv"})
    assert refused.json()["errors"] == [{"path": "content", "message": "is required"}]


@pytest.mark.parametrize("door", ["upload", "store"])
def test_a_form_without_a_file_is_told_what_is_missing(
    client: Client, robot: cast.Robot, door: str
) -> None:
    refused = send(client, f"/api/v1/files/{door}", headers=robot.headers, channelId="x")
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "file")
    words = send(client, f"/api/v1/files/{door}", headers=robot.headers, file="no file")
    assert words.json()["errors"][0]["path"] == "file"
    json = client.post(
        f"/api/v1/files/{door}", {"file": "x"}, "application/json", headers=robot.headers
    )
    assert json.json()["errors"] == [
        {
            "path": "body",
            "message": "must be a form sent as multipart/form-data; got application/json",
        }
    ]


def test_a_broken_form_is_told_so(client: Client, robot: cast.Robot) -> None:
    kind = "multipart/form-data; boundary=" + "x" * 300
    broken = client.post("/api/v1/files/store", b"--nothing", kind, headers=robot.headers)
    assert (broken.status_code, broken.json()["errors"][0]["path"]) == (400, "body")


def test_a_nul_in_a_field_is_refused_by_its_name(
    client: Client, browser: Client, robot: cast.Robot
) -> None:
    for path, headers in (("/api/v1/files/upload", robot.headers), ("/api/files/upload", {})):
        who = client if headers else browser
        refused = send(who, path, headers=headers, file=b"x", text="a\0b")
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "text")


def test_a_file_over_the_limit_is_413_with_limit_and_value(
    client: Client, robot: cast.Robot, settings: Any
) -> None:
    settings.PLACET_FILE_MAX_BYTES = 100
    refused = send(client, "/api/v1/files/store", headers=robot.headers, file=b"x" * 101)
    assert (refused.status_code, refused.json()["message"]) == (
        413,
        "file must be at most 100 bytes; got 101",
    )
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("extension", ["x" * 240, "ä" * 200])
def test_a_name_longer_than_the_disk_allows_is_no_fault(
    client: Client, robot: cast.Robot, settings: Any, extension: str
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    upload = SimpleUploadedFile(f"a.{extension}", b"x" * 5000)
    answer = client.post("/api/v1/files/store", {"file": upload}, headers=robot.headers)
    assert answer.status_code == 201
    assert answer.json()["filename"] == f"a.{extension}"


def test_a_channels_files_are_listed_newest_first(
    api: Api, robot: cast.Robot, other_robot: cast.Robot
) -> None:
    one, two = cast.hand_over(robot), cast.hand_over(robot)
    cast.hand_over(other_robot)
    listed = api("get", "/files").json()
    assert [file["id"] for file in listed] == [str(two.id), str(one.id)]
    assert set(listed[0]) == ATTACHMENT_KEYS
    for channel in (other_robot.agent.id, "no-such-channel"):
        refused = api("get", f"/files?channel={channel}")
        assert (refused.status_code, refused.json()["message"]) == (403, "Not your agent")


def test_a_foreign_channel_takes_nothing(
    client: Client, api: Api, robot: cast.Robot, other_robot: cast.Robot
) -> None:
    channel = str(other_robot.agent.id)
    for door in ("upload", "store"):
        path = f"/api/v1/files/{door}"
        assert (
            send(client, path, headers=robot.headers, file=b"x", channelId=channel).status_code
            == 403
        )
    body = {"channelId": channel, "content": "x"}
    assert api("post", "/files/store-text", body).status_code == 403
    assert not StoredFile.objects.exists()


def test_one_file_is_known_and_fetched_by_its_agent_and_nobody_elses(
    api: Api, client: Client, robot: cast.Robot, other_robot: cast.Robot
) -> None:
    own, foreign = cast.hand_over(robot, pieces.picture()), cast.hand_over(other_robot)
    told = api("get", f"/files/{own.id}").json()
    assert (told["sha256"], told["width"], told["height"]) == (own.sha256, 40, 30)
    assert api("get", f"/files/{own.id}/download").getvalue() == pieces.picture()
    for file_id in (foreign.id, "no-such-file"):
        for path in (f"/files/{file_id}", f"/files/{file_id}/download"):
            refused = api("get", path)
            assert (refused.status_code, refused.json()["message"]) == (404, "File not found")


def test_a_key_without_the_scope_neither_reads_nor_writes(
    client: Client, ada: User, robot: cast.Robot
) -> None:
    file = cast.hand_over(robot)
    for scope, method, path in (
        ("read", "post", "/api/v1/files/store"),
        ("write", "get", "/api/v1/files"),
        ("write", "get", f"/api/v1/files/{file.id}/download"),
    ):
        key = keys.issue_key(by=ada.as_actor(), agent_id=robot.agent.id, scopes=[scope]).key
        answer = getattr(client, method)(path, headers={"x-api-key": key})
        assert answer.status_code == 403, path


def test_a_person_uploads_with_a_word_and_it_is_theirs(
    browser: Client, ada: User, robot: cast.Robot
) -> None:
    channel = str(robot.agent.id)
    told = send(browser, "/api/files/upload", text="Look", channelId=channel, file=b"x")
    assert (told.status_code, set(told.json())) == (201, ATTACHMENT_KEYS)
    message = Message.objects.get()
    assert (message.sender_type, message.sender_user_id, message.text) == ("user", ada.pk, "Look")
    stored = send(browser, "/api/files/store", file=b"x", channelId=channel)
    assert (stored.status_code, stored.json()["messageId"]) == (201, None)


def test_a_page_of_another_site_uploads_nothing(ada: User, robot: cast.Robot) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    for door in ("upload", "store"):
        refused = send(strict, f"/api/files/{door}", file=b"x", channelId=str(robot.agent.id))
        assert refused.status_code == 403
    assert not StoredFile.objects.exists()


def listed(client: Client, query: str = "") -> list[str]:
    return [file["filename"] for file in client.get(f"/api/files{query}").json()["data"]]


def test_a_person_finds_files_by_kind_agent_and_name(
    browser: Client, robot: cast.Robot, other_robot: cast.Robot, ada: User
) -> None:
    second = cast.make_robot(ada, "Crawler")
    for owner, content, name in (
        (robot, pieces.picture(), "Chart one.png"),
        (robot, b"a,b", "chart.csv"),
        (second, pieces.picture("GIF"), "anim.gif"),
        (other_robot, pieces.picture(), "not Ada's chart.png"),
    ):
        send(Client(), "/api/v1/files/upload", headers=owner.headers, file=content)
        StoredFile.objects.filter(filename="file.bin").update(filename=name)
    assert listed(browser) == ["anim.gif", "chart.csv", "Chart one.png"]
    assert listed(browser, "?type=image") == ["anim.gif", "Chart one.png"]
    assert listed(browser, f"?agent={second.agent.id}") == ["anim.gif"]
    assert listed(browser, "?search=CHART") == ["chart.csv", "Chart one.png"]
    assert listed(browser, "?search=%25") == []
    assert browser.get(f"/api/files?agent={other_robot.agent.id}").status_code == 403
    first = browser.get("/api/files").json()["data"][0]
    assert set(first) == ATTACHMENT_KEYS | {"message"}
    assert first["message"]["channelId"] == str(second.agent.id)
    assert first["message"]["createdAt"].endswith("Z")


def test_what_somebody_has_not_sent_yet_is_listed_for_them_alone(
    browser: Client, robot: cast.Robot, ada: User, olga: User
) -> None:
    cast.hand_over(robot, name="draft.txt", by=ada)
    cast.hand_over(robot, name="agent's.txt")
    owner = Client()
    owner.force_login(olga)
    assert listed(browser) == ["draft.txt"]
    assert listed(owner) == []


def test_a_page_ends_where_it_says_and_goes_on_from_there(
    browser: Client, robot: cast.Robot, ada: User
) -> None:
    names = [f"{n}.txt" for n in range(5)]
    for name in names:
        cast.hand_over(robot, name=name, by=ada)
    seen: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = browser.get(f"/api/files?limit=2&cursor={cursor}").json()
        seen.append([file["filename"] for file in page["data"]])
        cursor = page["nextCursor"]
    assert seen == [["4.txt", "3.txt"], ["2.txt", "1.txt"], ["0.txt"]]
    assert listed(browser, "?cursor=nonsense") == []
    assert browser.get("/api/files?limit=many").status_code == 400
    assert len(listed(browser, "?limit=-5")) == 1


def test_a_list_of_files_costs_the_same_however_long(
    browser: Client, api: Api, robot: cast.Robot
) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path, headers=robot.headers).status_code == 200
        return len(queries)

    paths = ("/api/files", "/api/v1/files")
    for _ in range(3):
        send(Client(), "/api/v1/files/upload", headers=robot.headers, file=b"x")
    # The session notes that it is in use, once.
    cost(paths[0])
    before = [cost(path) for path in paths]
    for _ in range(10):
        send(Client(), "/api/v1/files/upload", headers=robot.headers, file=b"x")
    assert [cost(path) for path in paths] == before


def test_files_are_deleted_one_by_one_and_together(
    browser: Client, robot: cast.Robot, other_robot: cast.Robot
) -> None:
    files = [cast.hand_over(robot) for _ in range(3)]
    foreign = cast.hand_over(other_robot)
    assert browser.delete(f"/api/files/{files[0].id}").json() == {"message": "Deleted"}
    assert browser.delete(f"/api/files/{files[0].id}").status_code == 404
    assert browser.delete(f"/api/files/{foreign.id}").status_code == 404
    ids = {"ids": [str(file.id) for file in [*files, foreign]]}
    gone = browser.post("/api/files/bulk-delete", ids, "application/json")
    assert (gone.status_code, gone.json()) == (201, {"message": "Deleted 2 files"})
    assert [row.pk for row in StoredFile.objects.all()] == [foreign.id]
