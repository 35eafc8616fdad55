"""What docs/compat-linear.md tells people to run, runs."""

import re
from pathlib import Path

import pytest

from tests import needs
from tests.compat.linear.conftest import make_bot
from tests.compat.linear.parts import write
from tests.compat.noded import Node
from tests.compat.nodes import running, scripts
from tests.processes import ROOT, Human, Server, free_port, until

pytestmark = [pytest.mark.processes, needs.node]


def test_the_agent_of_the_page_works(
    server: Server, node: Node, olga: Human, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "compat-linear.md").read_text()
    (code,) = re.findall(r"^```js\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (scripts() / "documented.mjs").write_text(code)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    bot = make_bot(server, node, "Documented", "--webhook", url, "--dialect", "linear")
    env = {
        "LINEAR_API_URL": f"{server.url}/graphql",
        "LINEAR_ACCESS_TOKEN": bot.token,
        "LINEAR_WEBHOOK_SECRET": bot.app["webhook_secret"],
        "PORT": str(port),
    }
    with running("documented.mjs", tmp_path / "agent.log", **env):
        run_id = write(olga, bot)
        until(lambda: bot.status(run_id) == "awaitingInput", seconds=20)
        assert bot.session(run_id)["plan"][0]["content"] == "Look at the build"
        review = olga.get(f"/api/runs/{run_id}").json()["reviewId"]
        assert olga.respond(review, {"selectedIds": ["release"]}).ok
        until(lambda: bot.status(run_id) == "complete", seconds=20)
    assert bot.history(run_id)[-1]["content"]["body"] == "You said: release"
