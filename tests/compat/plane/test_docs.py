"""What docs/compat-plane.md tells people to run, runs."""

import re
import subprocess
import sys

import pytest

from tests.compat.parts import Installed, prompted
from tests.processes import ROOT, Human, Server

pytestmark = pytest.mark.processes


def test_the_page_for_agents_of_planes_making(
    server: Server, person: Human, other: Installed
) -> None:
    page = (ROOT / "docs" / "compat-plane.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    env = {
        "PLANE_API_URL": server.url,
        "PLANE_BOT_TOKEN": other.access_token,
        "WORKSPACE_SLUG": other.workspace_slug,
        "RUN_ID": prompted(person, other)["id"],
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["Invoice bot", "created", "It is **sunny**."], done.stderr
