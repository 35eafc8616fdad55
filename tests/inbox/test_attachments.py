"""Files on messages: named by id or sent along, listed with their message, gone with it."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from files.models import StoredFile
from files.services import leaving
from inbox.models import Message
from inbox.selectors import channel_page
from inbox.services import keeping
from inbox.services.arriving import Attachments
from inbox.triage import inbox_page
from placet.events.models import EventRow
from reviews.models import Review
from tests import cast
from tests.files.conftest import bytes_on, shelf  # noqa: F401 - a fixture
from tests.inbox.test_agent_api import MESSAGE_KEYS, Api

pytestmark = pytest.mark.django_db

ATTACHMENT_KEYS = {
    "id", "messageId", "channelId", "pluginType", "filename", "mimeType", "size", "storageKey", "pluginData", "createdAt",
}  # fmt: skip


@pytest.fixture
def api(client: Client, robot: cast.Robot) -> Api:
    return Api(client, robot.key)


def with_files(robot: cast.Robot, *files: Any, text: str = "See these") -> Any:
    return cast.say(robot, text, attachments=Attachments(ids=[str(file.id) for file in files]))


def respond(client: Client, message: Any, **more: Any) -> Any:
    body = {"response": {"selectedOption": "approve"}, **more}
    return client.post(f"/api/messages/{message}/respond", body, "application/json")


def test_an_attachment_has_the_keys_of_the_contract_wherever_the_message_is_read(
    api: Api, browser: Client, robot: cast.Robot
) -> None:
    file = cast.hand_over(robot, name="report.csv")
    posted = api("post", "/messages", {"attachmentIds": [str(file.id)], "review": {"type": "x"}})
    assert posted.status_code == 201, posted.json()
    message = posted.json()
    assert set(message) == MESSAGE_KEYS
    (attachment,) = message["attachments"]
    assert set(attachment) == ATTACHMENT_KEYS | {"textContent"}
    assert attachment["messageId"] == message["id"]
    assert (attachment["pluginType"], attachment["mimeType"]) == ("@uax/file", "text/csv")
    assert attachment["storageKey"].startswith("uploads/")
    del attachment["textContent"]
    for read in (
        api("get", f"/messages/{message['id']}").json(),
        api("get", "/messages").json()["data"][0],
        api("get", "/reviews/pending").json()[0],
        api("get", f"/reviews/{message['id']}").json(),
        browser.get(f"/api/messages/{message['id']}").json(),
        browser.get("/api/messages").json()["data"][0],
        browser.get("/api/messages/reviews").json()[0],
    ):
        assert read["attachments"] == [attachment]


def test_short_texts_travel_with_the_message_that_is_made_and_others_do_not(
    api: Api, robot: cast.Robot
) -> None:
    files = [
        cast.hand_over(robot, "Grüße".encode(), name="a.md"),
        cast.hand_over(robot, b"<p>hi</p>", name="a.html"),
        cast.hand_over(robot, b"x" * (64 * 1024), name="full.txt"),
        cast.hand_over(robot, b"x" * (64 * 1024 + 1), name="long.txt"),
        cast.hand_over(robot, b'{"a": 1}', name="a.json"),
        cast.hand_over(robot, b"\xfe\xff\0\1", name="a.bin"),
    ]
    body = {"attachmentIds": [str(file.id) for file in files]}
    attachments = api("post", "/messages", body).json()["attachments"]
    assert [one.get("textContent") for one in attachments] == [
        "Grüße",
        "<p>hi</p>",
        "x" * 64 * 1024,
        None,
        None,
        None,
    ]


def test_texts_sent_along_become_files_named_as_the_reference_names_them(api: Api) -> None:
    texts = [
        {"content": "# One"},
        {"content": "a,b", "filename": "t.csv", "mimeType": "text/csv"},
    ]
    message = api("post", "/messages", {"textAttachments": texts}).json()
    told = [
        (one["filename"], one["mimeType"], one["textContent"]) for one in message["attachments"]
    ]
    assert told == [("content.md", "text/markdown", "# One"), ("t.csv", "text/csv", "a,b")]


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ({}, "textAttachments.0.content", "is required"),
        ({"content": ""}, "textAttachments.0.content", "must not be empty"),
        ({"content": 5}, "textAttachments.0.content", "must be a string; got 5"),
        ("x", "textAttachments.0", 'must be an object; got "x"'),
    ],
)
def test_a_bad_text_is_refused_by_field(api: Api, text: Any, path: str, says: str) -> None:
    refused = api("post", "/messages", {"textAttachments": [text]})
    assert refused.status_code == 400
    told = {error["path"]: error["message"] for error in refused.json()["errors"]}
    assert says in told[path]


def test_the_wait_brings_the_texts_and_the_marked_up_files(
    api: Api, browser: Client, robot: cast.Robot, ada: User
) -> None:
    original = cast.hand_over(robot, b"draft", name="draft.md")
    changed = cast.hand_over(robot, b"final", name="annotated-draft.md", by=ada)
    body = {"review": {"type": "approval"}, "attachmentIds": [str(original.id)]}
    asked = api("post", "/messages", body).json()["id"]
    modified = {str(original.id): str(changed.id)}
    answered = respond(browser, asked, modifiedFileIds=modified)
    assert answered.status_code == 201, answered.json()
    row = Review.objects.get(pk=asked)
    assert row.modified_file_ids == modified
    told = api("get", f"/reviews/{asked}").json()
    assert told["review"]["modifiedFileIds"] == modified
    assert [one["id"] for one in told["attachments"]] == [str(original.id)]


def test_what_stands_for_no_file_of_the_message_is_refused_and_decides_nothing(
    browser: Client, robot: cast.Robot, ada: User
) -> None:
    message, loose = cast.ask(robot), cast.hand_over(robot, by=ada)
    refused = respond(browser, message.id, modifiedFileIds={"nothing": str(loose.id)})
    assert (refused.status_code, refused.json()["errors"]) == (
        400,
        [
            {
                "path": "modifiedFileIds.nothing",
                "message": 'must stand for a file of this message; got "nothing"',
            }
        ],
    )
    assert Review.objects.get(pk=message.id).status == "pending"


def test_who_loses_the_race_ties_no_file(browser: Client, robot: cast.Robot, ada: User) -> None:
    original = cast.hand_over(robot)
    changed = cast.hand_over(robot, by=ada)
    attached = Attachments(ids=[str(original.id)])
    message = cast.ask(robot, attachments=attached)
    cast.answer(ada, message)
    lost = respond(browser, message.id, modifiedFileIds={str(original.id): str(changed.id)})
    assert lost.status_code == 403
    assert StoredFile.objects.get(pk=changed.id).original_id is None


def test_the_form_on_the_page_brings_marked_up_files_too(
    browser: Client, robot: cast.Robot, ada: User
) -> None:
    original, changed = cast.hand_over(robot), cast.hand_over(robot, by=ada)
    message = cast.ask(robot, attachments=Attachments(ids=[str(original.id)]))
    form = {"selectedOption": "approve", f"modified.{original.id}": str(changed.id)}
    browser.post(f"/reviews/{message.id}/respond/", form)
    assert Review.objects.get(pk=message.id).modified_file_ids == {
        str(original.id): str(changed.id)
    }


def test_a_person_sends_files_by_their_ids_with_or_without_a_word(
    browser: Client, robot: cast.Robot, ada: User
) -> None:
    one, two = cast.hand_over(robot, by=ada), cast.hand_over(robot, by=ada)
    sent = browser.post("/api/messages", {"attachmentIds": [str(one.id)]}, "application/json")
    assert (sent.status_code, sent.json()["text"]) == (201, None)
    assert [file["id"] for file in sent.json()["attachments"]] == [str(one.id)]
    form = {"text": "", "attachmentIds": [str(two.id)]}
    browser.post(f"/chats/{robot.agent.id}/write/", form)
    assert StoredFile.objects.get(pk=two.id).message_id == Message.objects.latest("id").pk


def test_a_plain_form_brings_the_file_itself(
    browser: Client, robot: cast.Robot, tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("by hand")
    with note.open("rb") as file:
        browser.post(f"/chats/{robot.agent.id}/write/", {"text": "Here", "file": file})
    row = StoredFile.objects.get()
    assert (row.filename, row.message_id) == ("note.txt", Message.objects.get().pk)


def test_a_file_that_cannot_be_sent_makes_no_empty_message(
    browser: Client, robot: cast.Robot
) -> None:
    agents_own = cast.hand_over(robot)
    refused = browser.post(
        "/api/messages", {"text": " ", "attachmentIds": [str(agents_own.id)]}, "application/json"
    )
    assert refused.status_code == 400
    assert {error["path"] for error in refused.json()["errors"]} == {"text", "attachmentIds"}
    assert not Message.objects.exists()


def test_a_repeated_post_keeps_no_second_copy(
    api: Api,
    shelf: Path,  # noqa: F811
) -> None:
    body = {"clientId": "once", "textAttachments": [{"content": "x"}]}
    first, again = api("post", "/messages", body).json(), api("post", "/messages", body).json()
    assert first == again
    assert len(bytes_on(shelf)) == StoredFile.objects.count() == 1


def test_a_message_refused_for_its_question_keeps_no_file(
    api: Api,
    shelf: Path,  # noqa: F811
) -> None:
    review = {"type": "approval", "payload": {"options": []}}
    refused = api("post", "/messages", {"textAttachments": [{"content": "x"}], "review": review})
    assert refused.status_code == 400
    assert bytes_on(shelf) == []
    assert not StoredFile.objects.exists()


def test_too_many_files_and_too_large_texts_are_413_with_limit_and_value(
    api: Api, settings: Any
) -> None:
    settings.PLACET_FILES_MAX_PER_MESSAGE = 2
    texts = [{"content": "x"}] * 2
    many = api("post", "/messages", {"textAttachments": texts, "attachmentIds": ["a"]})
    assert (many.status_code, many.json()["message"]) == (
        413,
        "attachmentIds must be at most 2 files in one message; got 3",
    )
    settings.PLACET_FILE_MAX_BYTES = 3
    large = api("post", "/messages", {"textAttachments": [{"content": "four"}]})
    assert (large.status_code, large.json()["message"]) == (
        413,
        "file must be at most 3 bytes; got 4",
    )


def test_a_deleted_message_takes_its_files_and_what_was_made_of_them(
    browser: Client,
    robot: cast.Robot,
    ada: User,
    shelf: Path,  # noqa: F811
    django_capture_on_commit_callbacks: Any,
) -> None:
    original, changed = cast.hand_over(robot), cast.hand_over(robot, by=ada)
    message = cast.ask(robot, attachments=Attachments(ids=[str(original.id)]))
    respond(browser, message.id, modifiedFileIds={str(original.id): str(changed.id)})
    kept = cast.hand_over(robot)
    assert len(bytes_on(shelf)) == 3
    with django_capture_on_commit_callbacks(execute=True):
        keeping.delete_message(by=robot.actor, message_id=message.id)
    assert [row.pk for row in StoredFile.objects.all()] == [kept.id]
    assert len(bytes_on(shelf)) == 1


def test_messages_with_files_are_found_and_no_longer_once_the_last_is_gone(
    api: Api, robot: cast.Robot, ada: User
) -> None:
    cast.say(robot, "bare")
    one, two = cast.hand_over(robot), cast.hand_over(robot)
    message = with_files(robot, one, two, text="The report")

    def found(query: str = "") -> list[str]:
        page = api("get", f"/messages?has_attachments=true{query}").json()
        return [one["id"] for one in page["data"]]

    assert found() == found("&search=report") == [str(message.id)]
    assert found("&search=bare") == []
    leaving.delete_file(by=ada.as_actor(), file_id=one.id)
    assert found() == [str(message.id)]
    leaving.delete_file(by=ada.as_actor(), file_id=two.id)
    assert found() == []
    gone = EventRow.objects.filter(type="file:deleted").latest("id")
    assert gone.data["messageId"] == str(message.id)


def test_a_list_asks_once_for_all_files_however_many(ada: User, robot: cast.Robot) -> None:
    def counted(ask: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            ask()
        return len(queries)

    def cost() -> tuple[int, int]:
        me = ada.as_actor()
        return counted(lambda: channel_page(me, robot.agent.id)), counted(lambda: inbox_page(me))

    def fill(number: int) -> None:
        for _ in range(number):
            with_files(robot, cast.hand_over(robot), cast.hand_over(robot))
            attached = Attachments(ids=[str(cast.hand_over(robot).id)])
            cast.ask(robot, attachments=attached)

    fill(2)
    # One more than without files.
    assert cost() == (4, 4)
    fill(10)
    assert cost() == (4, 4)
