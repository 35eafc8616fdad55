"""`.env.example` documents every variable the settings or compose.yaml read, with the default they have."""

import re
from pathlib import Path

import pytest
import yaml

from tests.processes import ROOT, clean_environment, manage

SETTINGS = (ROOT / "placet" / "settings.py").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
ASKED = re.compile(r"\$\{(\w+)")
READ = re.compile(r"""\benv\.\w+\(\s*["'](\w+)["']""")
DOCUMENTED = re.compile(r"^#?(\w+)=(.*)$", re.MULTILINE)


def test_every_variable_is_documented_once() -> None:
    names = [name for name, _ in DOCUMENTED.findall(EXAMPLE)]
    assert sorted(names) == sorted({*READ.findall(SETTINGS), *ASKED.findall(COMPOSE)})


def test_only_the_proxy_has_a_port_of_the_machine() -> None:
    """A second web container could not have the same one, and not every compose understands a range."""
    services = yaml.safe_load(COMPOSE)["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"proxy": ["127.0.0.1:${PLACET_PORT:-8000}:8000"]}
    template = services["proxy"]["volumes"][0].partition(":")[0]
    assert "server web:8000 resolve;" in (ROOT / template).read_text()


def test_nothing_else_reads_the_environment() -> None:
    readers = re.compile(r"os\.(environ(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")|getenv)")
    modules = [
        path
        for app in (
            "placet",
            "accounts",
            "agents",
            "files",
            "reviews",
            "inbox",
            "runs",
            "webhooks",
            "compat",
        )
        for path in (ROOT / app).rglob("*.py")
        if path != ROOT / "placet" / "lib" / "environment.py" and readers.search(path.read_text())
    ]
    assert modules == []


def test_numbers_stand_there_as_they_are() -> None:
    for name, shown in DOCUMENTED.findall(EXAMPLE):
        found = re.search(rf'"{name}",\s*([\d_ *]+)[,)]', SETTINGS)
        if found:
            expected = 1
            for factor in found[1].split("*"):
                expected *= int(factor)
            assert int(shown) == expected, name


@pytest.mark.processes
def test_a_server_starts_with_every_line_uncommented(tmp_path: Path) -> None:
    values = dict(DOCUMENTED.findall(EXAMPLE)) | {"PLACET_DATA_DIR": str(tmp_path)}
    assert "no issues" in manage("check", env={**clean_environment(), **values})
