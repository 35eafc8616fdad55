"""The corpus: whatever a file tries, the worker lives, and there is a preview or a calm reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from files.making import workshop
from files.services import previewing
from placet.lib.ids import new_id
from tests import cast
from tests.files import hostile, pieces

pytestmark = pytest.mark.django_db
Told = dict[str, Any]


@pytest.fixture
def show(robot: cast.Robot, browser: Client) -> Callable[..., Told]:
    def shown(content: bytes, name: str) -> Told:
        file = cast.hand_over(robot, content, name=name, declared="image/png")
        previewing.make_due()
        told: Told = browser.get(f"/api/files/{file.id}/preview").json()
        return told

    return shown


#: What is handed over, under which name, and what becomes of it: a state, and words of the reason or the cut.
CORPUS: dict[str, tuple[Callable[[], bytes], str, str, str, str]] = {
    "gif that is html": (hostile.gif_that_is_html, "a.html", "image", "ready", ""),
    "svg with script": (hostile.svg_with_script, "a.svg", "svg", "ready", ""),
    "zip bomb": (hostile.zip_bomb, "a.zip", "archive", "ready", ""),
    "zip of 200 000": (hostile.zip_of_many, "a.zip", "archive", "ready", "first 1000 of 200000"),
    "zip that climbs": (hostile.zip_that_climbs, "a.zip", "archive", "ready", ""),
    "zip cut short": (lambda: pieces.archive()[:-30], "a.zip", "archive", "failed", "damaged"),
    "50 000 x 50 000": (hostile.galaxy, "a.png", "image", "failed", "100 million pixels"),
    "png cut short": (
        lambda: pieces.picture("PNG", (400, 400))[:200],
        "a.png",
        "image",
        "failed",
        "damaged",
    ),
    "remote picture": (
        lambda: hostile.word_with_remote_picture("http://127.0.0.1:9/spy.png"),
        "a.docx",
        "document",
        "ready",
        "",
    ),
    "billion laughs": (hostile.word_with_laughs, "a.docx", "document", "failed", "damaged"),
    "script behind a link": (hostile.word_with_links, "a.docx", "document", "ready", ""),
    "word bomb": (hostile.word_bomb, "a.docx", "document", "failed", "more than a preview"),
    "2 000 pages": (lambda: hostile.pdf_of(2000), "a.pdf", "pdf", "ready", "first 20 of 2000"),
    "pdf with script": (hostile.pdf_with_script, "a.pdf", "pdf", "ready", ""),
    "a kilometre": (hostile.pdf_of_a_kilometre, "a.pdf", "pdf", "ready", ""),
    "no pdf": (lambda: pieces.PDF, "a.pdf", "pdf", "failed", "damaged"),
    "a million rows": (hostile.sheet_that_claims_a_million_rows, "a.xlsx", "table", "ready", ""),
    "one long line": (hostile.table_in_one_line, "a.csv", "table", "ready", "first 60 columns"),
    "brackets": (hostile.json_of_brackets, "a.json", "json", "ready", ""),
    "traversal": (lambda: pieces.picture(), "../../../../etc/cron.d/x.png", "image", "ready", ""),
    "right to left": (lambda: b"MZ" + b"\0" * 99, "gpj\u202exe.exe", "file", "ready", ""),
}


@pytest.mark.parametrize(
    ("make", "name", "kind", "state", "says"), CORPUS.values(), ids=CORPUS.keys()
)
def test_a_hostile_file_has_a_preview_or_a_calm_reason(
    show: Callable[..., Told],
    make: Callable[[], bytes],
    name: str,
    kind: str,
    state: str,
    says: str,
) -> None:
    told = show(make(), name)
    assert (told["kind"], told["state"]) == (kind, state), told
    words = f"{told['reason']} {told['cut']}"
    assert says in words
    assert "Error" not in words
    # And the next one is served as if nothing had been.
    assert show(pieces.picture(), "next.png")["state"] == "ready"


def test_a_document_reads_no_file_of_ours(show: Callable[..., Told], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2-hunter2")
    told = show(hostile.word_with_xxe(str(secret)), "a.docx")
    assert told["state"] in {"ready", "failed"}
    assert "hunter2" not in str(told)
    far = show(hostile.word_with_remote_picture(f"file://{secret}"), "a.docx")
    assert far["state"] == "ready"
    assert "Look at this" in far["html"]
    assert "src=" not in far["html"]


def test_a_link_in_a_document_leads_nowhere_harmful(show: Callable[..., Told]) -> None:
    told = show(hostile.word_with_links(), "a.docx")
    assert "click" in told["html"]
    assert "javascript" not in told["html"]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("held = bytearray(2 * 1024 ** 3)", "memory"),
        ("while True: pass", "time or memory"),
        ("import os; os.kill(os.getpid(), 11)", "time or memory"),
        ("import time; time.sleep(60)", "longer than"),
        ("import urllib.request as u; u.urlopen('http://127.0.0.1:1')", "could not be read"),
        ("print(open('/dev/zero').read(10)); import os; os.system('true')", None),
    ],
)
def test_what_goes_too_far_ends_alone(
    code: str, says: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a library would that a file has taken over: the fork ends, with a reason, and the workshop goes on."""
    from files import making
    from tests.files.taken import TakenWorkshop

    if "sleep" in code:
        monkeypatch.setattr(making, "WALL_SECONDS", 0.5)
    shop = TakenWorkshop(cpu_seconds=2)
    try:
        source = tmp_path / "code.py"
        source.write_text(code)
        made = shop.make(kind="taken", source=source, out=tmp_path, filename="code.py")
        if says is not None:
            assert says in made["failed"]
        monkeypatch.undo()
        source.write_text("pass")
        assert "failed" not in shop.make(
            kind="taken", source=source, out=tmp_path, filename="code.py"
        )
    finally:
        shop.close()


def test_the_workshop_knows_no_secret_of_ours(tmp_path: Path) -> None:
    from tests.files.taken import TakenWorkshop

    shop = TakenWorkshop()
    try:
        source = tmp_path / "code.py"
        source.write_text("import os; told = {'names': sorted(os.environ)}")
        made = shop.make(kind="taken", source=source, out=tmp_path, filename="")
    finally:
        shop.close()
    names = set(made["data"]["names"])
    assert not [name for name in names if name.startswith(("PLACET_", "DATABASE", "REDIS", "AWS"))]


def test_a_workshop_that_was_killed_is_opened_again(
    show: Callable[..., Told], tmp_path: Path
) -> None:
    assert show(pieces.picture(), "a.png")["state"] == "ready"
    process = workshop()._process
    assert process is not None
    process.kill()
    process.wait()
    assert show(pieces.picture(), f"{new_id()}.png")["state"] == "ready"
