"""How files come into a browser test: made by real libraries, given to a page as a browser gives them."""

from base64 import b64encode

from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.files import pieces
from tests.processes import AgentClient

MEGABYTE = 1024 * 1024
CSV = b"Region,Total\neu,41\n"
#: Every shift of the layout, whatever caused it, from the first moment on.
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    // A letter that is drawn a pixel further is no jump; a row that moves is a hundred times as much.
    if (entry.value < 0.0005) continue;
    window.shifts.push(`${entry.value}: ${entry.sources.map((s) => s.node?.outerHTML?.slice(0, 120)).join(" | ")}`);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


def picture(colour: str, size: tuple[int, int] = (320, 200), kind: str = "PNG") -> bytes:
    return pieces.written(lambda out: Image.new("RGB", size, colour).save(out, kind))


def talk(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def chips(page: Page) -> Locator:
    return page.get_by_role("list", name="Files to be sent").get_by_role("listitem")


def chip(page: Page, name: str) -> Locator:
    return chips(page).filter(has_text=name)


def writer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Write to")


def pick(page: Page, *files: tuple[str, bytes]) -> None:
    given = [FilePayload(name=name, mimeType="", buffer=content) for name, content in files]
    page.get_by_label("Attach files").set_input_files(given)


def stored(page: Page, *names: str) -> None:
    """All of them are up."""
    for name in names:
        expect(chip(page, name)).to_have_attribute("data-state", "stored")


def bring(page: Page, how: str, target: str, *files: tuple[str, bytes, str]) -> None:
    """What a browser tells a page when files are dropped on it or pasted."""
    given = [[name, b64encode(content).decode(), kind] for name, content, kind in files]
    page.evaluate(
        """([how, target, given]) => {
          const transfer = new DataTransfer();
          for (const [name, content, type] of given) {
            const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
            transfer.items.add(new File([bytes], name, { type }));
          }
          const node = document.querySelector(target);
          const more = { bubbles: true, cancelable: true };
          if (how === "paste") return node.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, ...more }));
          for (const type of how.split(" ")) node.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, ...more }));
        }""",
        [how, target, given],
    )


def heard(robot: AgentClient) -> list[tuple[str | None, list[str]]]:
    """What the human has sent: text, and names of files."""
    page = robot.get("/api/v1/messages").json()["data"]
    return [
        (message["text"], [one["filename"] for one in message["attachments"]])
        for message in page
        if message["senderType"] == "user"
    ]


def bytes_of(robot: AgentClient, n: int = 0) -> bytes:
    """Of the latest message that the human has sent."""
    page = robot.get("/api/v1/messages").json()["data"]
    file = next(m for m in page if m["senderType"] == "user")["attachments"][n]
    return robot.get(f"/api/v1/files/{file['id']}/download").content
