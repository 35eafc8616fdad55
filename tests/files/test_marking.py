"""A person marks a picture up, and the response carries it."""

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from files import marks as shapes
from files.errors import MarksChanged
from files.models import Markup, StoredFile
from files.selectors import file_for, files_for, files_of_channel, marked_up_of, markup_for
from files.services import leaving, marking, previewing, sharing, storing
from files.snapshots import FileSnapshot
from inbox.services.arriving import Attachments
from inbox.snapshots import MessageSnapshot
from placet.lib.actors import SYSTEM
from placet.lib.clock import now
from placet.lib.errors import Forbidden, Invalid, NotFound
from tests import cast
from tests.files import pieces
from tests.files.conftest import bytes_on

pytestmark = pytest.mark.django_db
RED = (229, 72, 77)


def stroke(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"id": name, "tool": "pen", "colour": "red", "size": 6, "points": "5,15 35,15", **more}


@pytest.fixture
def picture(robot: cast.Robot) -> FileSnapshot:
    return cast.hand_over(robot, pieces.picture("PNG", (40, 30)), name="chart.png")


@pytest.fixture
def asked(robot: cast.Robot, picture: FileSnapshot) -> MessageSnapshot:
    return cast.ask(robot, attachments=Attachments(ids=[str(picture.id)]))


def save(user: User, file: FileSnapshot, *marks: Any, version: Any = 0) -> Any:
    return marking.save_marks(
        by=user.as_actor(), file_id=file.id, version=version, marks=list(marks)
    )


def draw(user: User, file: FileSnapshot) -> Any:
    return marking.draw_marks(by=user.as_actor(), file_id=file.id)


def test_marks_are_kept_as_they_are_made_and_gone_on_with(ada: User, picture: FileSnapshot) -> None:
    assert markup_for(ada.as_actor(), picture.id).version == 0
    save(ada, picture, stroke("a", points="5.04,15 35,15"))
    kept = save(ada, picture, stroke("a"), stroke("b", tool="rectangle"), version=1)
    assert kept == markup_for(ada.as_actor(), picture.id)
    assert (kept.version, [mark["id"] for mark in kept.marks]) == (2, ["a", "b"])
    assert (kept.width, kept.height, kept.picture_id) == (40, 30, None)


def test_a_tab_that_drew_over_something_else_is_told_what_is_there(
    ada: User, picture: FileSnapshot
) -> None:
    save(ada, picture, stroke("a"))
    with pytest.raises(MarksChanged) as refused:
        save(ada, picture, stroke("b"))
    assert refused.value.extra["version"] == 1
    assert [mark["id"] for mark in refused.value.extra["marks"]] == ["a"]
    assert [mark["id"] for mark in markup_for(ada.as_actor(), picture.id).marks] == ["a"]


def test_everybody_has_marks_of_their_own(ada: User, olga: User, picture: FileSnapshot) -> None:
    save(ada, picture, stroke("adas"))
    save(olga, picture, stroke("olgas"))
    assert [mark["id"] for mark in markup_for(ada.as_actor(), picture.id).marks] == ["adas"]
    assert [mark["id"] for mark in markup_for(olga.as_actor(), picture.id).marks] == ["olgas"]


def test_a_stranger_finds_no_picture_and_a_key_may_not(
    ada: User, bob: User, robot: cast.Robot, picture: FileSnapshot
) -> None:
    save(ada, picture, stroke())
    for act in (save, draw):
        with pytest.raises(NotFound):
            act(bob, picture)
    with pytest.raises(NotFound):
        markup_for(bob.as_actor(), picture.id)
    with pytest.raises(Forbidden):
        markup_for(robot.actor, picture.id)
    with pytest.raises(Forbidden):
        marking.save_marks(by=robot.actor, file_id=picture.id, version=1, marks=[])
    with pytest.raises(Forbidden):
        marking.draw_marks(by=robot.actor, file_id=picture.id)


def test_only_pictures_are_marked_up(ada: User, robot: cast.Robot) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="8"/>'
    for content, name in ((b"words", "a.txt"), (svg, "a.svg"), (pieces.printed("x"), "a.pdf")):
        with pytest.raises(Invalid, match="Validation failed"):
            save(ada, cast.hand_over(robot, content, name=name), stroke())


TOO_MUCH: dict[str, tuple[Any, str, str]] = {
    "no list": ("x", "marks", 'must be an array; got "x"'),
    "no object": ([1], "marks.0", "must be an object; got 1"),
    "no tool": ([stroke(tool="spray")], "marks.0.tool", "one of pen, arrow, rectangle, text"),
    "unhashable": ([stroke(tool=[])], "marks.0.tool", "got an array"),
    "no colour": ([stroke(colour="#f00")], "marks.0.colour", 'got "#f00"'),
    "no size": ([stroke(size=True)], "marks.0.size", "a number from 1 to 1000; got true"),
    "endless": ([stroke(size=float("inf"))], "marks.0.size", "a number from 1 to 1000"),
    "huge": ([stroke(size=2000)], "marks.0.size", "got 2000"),
    "huge letters": (
        [stroke(tool="text", points="1,1", text="x", size=17)],
        "marks.0.size",
        "a number from 1 to 16; got 17",
    ),
    "no name": ([stroke("a b")], "marks.0.id", "1 to 40 letters and digits"),
    "twice": ([stroke(), stroke()], "marks.1.id", "must be unique"),
    "outside": ([stroke(points="5,15 41,15")], "marks.0.points", "within the picture, 40 by 30"),
    "no points": ([stroke(points="")], "marks.0.points", 'pairs of numbers like "12,8.5 40,31"'),
    "code": ([stroke(points="1,1)")], "marks.0.points", "pairs of numbers"),
    "one end": ([stroke(tool="arrow", points="1,1")], "marks.0.points", "exactly 2 of points"),
    "wordless": ([stroke(tool="text", points="1,1")], "marks.0.text", "1 to 500 characters"),
    "long": ([stroke(tool="text", points="1,1", text="x" * 501)], "marks.0.text", "1 to 500"),
    "words": ([stroke(text="x")], "marks.0.text", "left out of a mark without words"),
    "long stroke": ([stroke(points=" ".join(["1,1"] * 5001))], "marks.0.points", "1 to 5000"),
    "many": ([stroke(str(n)) for n in range(501)], "marks", "at most 500 marks; got 501"),
    "all points": (
        [stroke(str(n), points=" ".join(["1,1"] * 5000)) for n in range(11)],
        "marks",
        "at most 50000 points; got 55000",
    ),
    "scribbled over and over": (
        [stroke(points=" ".join(["0,0 40,30"] * 400))],
        "marks",
        "at most 35000 pixels of line; got 39950",
    ),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_is_no_mark_is_refused_by_field_rule_and_value(what: str) -> None:
    marks, path, says = TOO_MUCH[what]
    with pytest.raises(Invalid) as refused:
        shapes.clean(marks, width=40, height=30)
    assert refused.value.errors[0].path == path
    assert says in refused.value.errors[0].message


@pytest.mark.parametrize("version", [None, "1", True, -1, 2**31])
def test_who_saves_says_over_which_version(ada: User, picture: FileSnapshot, version: Any) -> None:
    with pytest.raises(Invalid):
        save(ada, picture, stroke(), version=version)


def test_the_picture_is_drawn_once_for_each_version(
    ada: User, picture: FileSnapshot, shelf: Any
) -> None:
    save(ada, picture, stroke())
    one, again = draw(ada, picture), draw(ada, picture)
    assert one == again
    file = StoredFile.objects.get(pk=one.picture_id)
    assert (file.filename, file.mime_type) == ("annotated-chart.png", "image/png")
    assert (file.uploader_type, file.uploader_user_id) == ("user", ada.pk)
    assert Image.open(io.BytesIO(content_of(ada, one.picture_id))).getpixel((20, 15)) == RED
    save(ada, picture, stroke(colour="blue"), version=1)
    assert markup_for(ada.as_actor(), picture.id).picture_id is None
    other = draw(ada, picture)
    assert other.picture_id != one.picture_id
    assert not StoredFile.objects.filter(pk=one.picture_id).exists()
    previewing.make_due()
    save(ada, picture, version=2)
    assert list(StoredFile.objects.values_list("pk", flat=True)) == [picture.id]
    assert draw(ada, picture).picture_id is None


def content_of(user: User, file_id: Any) -> bytes:
    browser = Client()
    browser.force_login(user)
    content: bytes = browser.get(f"/api/files/{file_id}/download").getvalue()
    return content


def test_what_changes_while_it_is_drawn_is_dropped(
    ada: User, picture: FileSnapshot, monkeypatch: Any
) -> None:
    save(ada, picture, stroke())
    store = storing.store_file

    def overtaken(**more: Any) -> Any:
        save(ada, picture, stroke(colour="blue"), version=1)
        return store(**more)

    monkeypatch.setattr(marking, "store_file", overtaken)
    drawn = draw(ada, picture)
    assert (drawn.version, drawn.picture_id) == (2, None)
    assert StoredFile.objects.count() == 1


def test_a_damaged_picture_is_refused_in_words(ada: User, robot: cast.Robot) -> None:
    broken = cast.hand_over(robot, pieces.picture("PNG", (40, 30))[:60], name="a.png")
    save(ada, broken, stroke())
    with pytest.raises(Invalid) as refused:
        draw(ada, broken)
    assert "cannot be drawn: The picture is damaged" in refused.value.errors[0].message
    assert StoredFile.objects.count() == 1


def test_a_response_carries_what_its_person_marked(
    ada: User, olga: User, asked: MessageSnapshot, picture: FileSnapshot
) -> None:
    save(ada, picture, stroke())
    save(olga, picture, stroke(colour="blue"))
    made = draw(ada, picture)
    review = cast.answer(ada, asked)
    assert review.modified_file_ids == {str(picture.id): str(made.picture_id)}
    assert [file.id for file in marked_up_of(picture.id)] == [made.picture_id]
    # What was sent stays, whatever is drawn or undone later.
    save(ada, picture, version=1)
    assert [file.id for file in marked_up_of(picture.id)] == [made.picture_id]


def test_what_is_not_drawn_yet_is_drawn_for_the_response(
    ada: User, asked: MessageSnapshot, picture: FileSnapshot
) -> None:
    save(ada, picture, stroke())
    draw(ada, picture)
    # Nobody attached it for a day.
    assert leaving.collect_loose(at=now() + 2 * leaving.LOOSE_FOR) == 1
    (changed,) = (cast.answer(ada, asked).modified_file_ids or {}).values()
    assert Image.open(io.BytesIO(content_of(ada, changed))).getpixel((20, 15)) == RED


def test_a_file_that_is_named_stands_before_what_was_drawn(
    ada: User, robot: cast.Robot, asked: MessageSnapshot, picture: FileSnapshot
) -> None:
    save(ada, picture, stroke())
    named = cast.hand_over(robot, pieces.picture(), name="mine.png", by=ada)
    review = cast.answer(ada, asked, modified_file_ids={str(picture.id): str(named.id)})
    assert review.modified_file_ids == {str(picture.id): str(named.id)}


def test_marks_that_cannot_be_drawn_stop_the_response_and_say_so(
    ada: User, robot: cast.Robot, browser: Client
) -> None:
    broken = cast.hand_over(robot, pieces.picture("PNG", (40, 30))[:60], name="a.png")
    asked = cast.ask(robot, attachments=Attachments(ids=[str(broken.id)]))
    save(ada, broken, stroke())
    with pytest.raises(Invalid) as refused:
        cast.answer(ada, asked)
    assert refused.value.errors[0].path == f"modifiedFileIds.{broken.id}"
    refused_page = browser.post(f"/reviews/{asked.id}/respond/", {"selectedOption": "approve"})
    assert refused_page.status_code == 400
    assert "your marks on a picture cannot be drawn into it" in refused_page.content.decode()
    save(ada, broken, version=1)
    assert cast.answer(ada, asked).modified_file_ids is None


def test_marks_go_with_their_picture_and_nothing_is_left(
    ada: User, asked: MessageSnapshot, picture: FileSnapshot, shelf: Any, robot: cast.Robot
) -> None:
    save(ada, picture, stroke())
    draw(ada, picture)
    cast.answer(ada, asked)
    leaving.delete_file(by=ada.as_actor(), file_id=picture.id)
    leaving.remove_discarded()
    assert not Markup.objects.exists()
    assert not StoredFile.objects.exists()
    assert bytes_on(shelf) == []


def test_an_agent_sees_a_persons_drawing_when_it_is_sent(
    ada: User, robot: cast.Robot, asked: MessageSnapshot, picture: FileSnapshot
) -> None:
    save(ada, picture, stroke())
    made = draw(ada, picture)
    assert [file.id for file in files_of_channel(robot.agent.id)] == [picture.id]
    cast.answer(ada, asked)
    assert {file.id for file in files_of_channel(robot.agent.id)} == {picture.id, made.picture_id}


def test_the_system_marks_nothing(picture: FileSnapshot) -> None:
    with pytest.raises(Forbidden):
        marking.save_marks(by=SYSTEM, file_id=picture.id, version=0, marks=[])


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_over_http(browser: Client, robot: cast.Robot) -> None:
    agent = Client(headers=robot.headers)
    upload = io.BytesIO(pieces.picture("PNG", (40, 30)))
    upload.name = "chart.png"
    form = {"channelId": str(robot.agent.id), "file": upload}
    file_id = agent.post("/api/v1/files/store", form).json()["id"]
    body = {
        "text": "Is this chart right?",
        "attachmentIds": [file_id],
        "review": {"type": "approval", "payload": cast.PAYLOADS["approval"]},
    }
    message = agent.post("/api/v1/messages", body, content_type="application/json").json()
    path = f"/api/files/{file_id}/marks"
    assert browser.get(path).json()["version"] == 0
    change = {"version": 0, "marks": [stroke()]}
    kept = browser.put(path, change, content_type="application/json")
    assert kept.status_code == 200
    assert kept.json()["marks"] == [stroke()]
    lost = browser.put(path, change, content_type="application/json")
    assert lost.status_code == 409
    assert lost.json()["extra"] == {"version": 1, "marks": [stroke()]}
    bad = browser.put(path, {"version": 1, "marks": 3}, content_type="application/json")
    assert (bad.status_code, bad.json()["errors"][0]["path"]) == (400, "marks")
    done = browser.post(f"{path}/done")
    annotated = done.json()["annotatedId"]
    for method in ("get", "put", "post"):
        refused = getattr(agent, method)(path, content_type="application/json")
        assert refused.status_code in (401, 403, 405)
    answered = browser.post(
        f"/reviews/{message['id']}/respond/", {"selectedOption": "reject", "comment": "See there"}
    )
    assert answered.status_code == 302
    waited = agent.get(f"/api/v1/reviews/{message['id']}/wait?timeout=1000").json()
    assert waited["message"]["review"]["modifiedFileIds"] == {file_id: annotated}
    content = agent.get(f"/api/v1/files/{annotated}/download").getvalue()
    assert Image.open(io.BytesIO(content)).getpixel((20, 15)) == RED
    told = agent.get(f"/api/v1/files/{annotated}").json()
    assert (told["filename"], told["originalId"]) == ("annotated-chart.png", file_id)


def test_what_a_person_has_not_sent_yet_is_hidden_from_the_agent_who_knows_its_id(
    robot: cast.Robot, ada: User
) -> None:
    draft = cast.hand_over(robot, by=ada)
    assert file_for(ada.as_actor(), draft.id).id == draft.id
    with pytest.raises(NotFound):
        file_for(robot.actor, draft.id)


def test_what_a_person_has_not_sent_yet_is_hidden_from_everybody_else_who_knows_its_id(
    robot: cast.Robot, ada: User, olga: User, picture: FileSnapshot
) -> None:
    save(ada, picture, stroke())
    drawn, draft = draw(ada, picture).picture_id, cast.hand_over(robot, by=ada).id
    assert file_for(olga.as_actor(), picture.id).id == picture.id
    for file_id in (drawn, draft):
        with pytest.raises(NotFound):
            file_for(olga.as_actor(), file_id)
        with pytest.raises(NotFound):
            sharing.share_token(by=olga.as_actor(), file_id=file_id)
        assert files_for(olga.as_actor(), [file_id, picture.id]) == [file_for(SYSTEM, picture.id)]
        assert leaving.delete_files(by=olga.as_actor(), file_ids=[file_id]) == 0
        assert file_for(ada.as_actor(), file_id).id == file_id
