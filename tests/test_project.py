"""The project as a whole: its settings, its URLs, its events, its floors, its pins."""

import ast
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

import placet
from placet.events.catalogue import EVENTS
from tests.processes import ROOT, clean_environment, manage

APPS = ("placet", "accounts", "agents", "files", "reviews", "inbox", "runs", "webhooks")
PRODUCTION = {
    "PLACET_URL": "https://placet.example.org",
    "PLACET_SECRET_KEY": "k9X-2fQm7vLw0Zr8TjYp4NcHs6BdUe1GaRo3WiKy5MxPq-LhVt",
}
# Nobody answers there: the check is of the settings.
SCALED = {
    "DATABASE_URL": "postgres://placet:placet@127.0.0.1:1/placet",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "PLACET_BEHIND_PROXY": "true",
    "PLACET_LOG_FORMAT": "json",
    "PLACET_METRICS_TOKEN": "H3v-9sKq2mXw7LzT0RjYp5NcB6dUe8GaFo4WiQy1",
    "PLACET_SEALING_KEYS": "Zr8TjYp4NcHs6BdUe1GaRo3WiKy5MxPq-LhVtk9X",
}


def source_files() -> Iterator[Path]:
    for app in APPS:
        yield from (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.processes
@pytest.mark.parametrize("shape", [{}, SCALED], ids=["embedded", "scaled"])
def test_production_settings_pass_djangos_deployment_checks(
    tmp_path: Path, shape: dict[str, str]
) -> None:
    env = clean_environment({**PRODUCTION, **shape, "PLACET_DATA_DIR": str(tmp_path)})
    assert "no issues" in manage("check", "--deploy", "--fail-level", "WARNING", env=env)


def test_every_url_name_resolves() -> None:
    names = list(_url_names(get_resolver()))
    assert len(names) > 30
    for name, arguments in names:
        assert reverse(name, kwargs=arguments)


def test_every_url_of_ours_has_a_name() -> None:
    nameless = [route for route in _nameless(get_resolver()) if not route.startswith("admin/")]
    assert nameless == []


def test_every_event_is_recorded_somewhere() -> None:
    code = "\n".join(path.read_text() for path in source_files())
    # Called, or handed to whoever calls it.
    used = set(re.findall(r"catalogue\.(\w+)[(,]", code))
    assert [event.__name__ for event in EVENTS if event.__name__ not in used] == []


def test_every_event_class_is_in_the_list_once() -> None:
    tree = ast.parse((ROOT / "placet" / "events" / "catalogue.py").read_text())
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assert [event.__name__ for event in EVENTS] == [name for name in classes if name != "Event"]
    assert len({event.type for event in EVENTS}) == len(EVENTS)


def test_every_module_of_the_foundation_stands_on_a_floor() -> None:
    """import-linter only sees what its list names; a new placet/something.py must choose a floor."""
    contracts = _pyproject()["tool"]["importlinter"]["contracts"]
    floors = next(contract for contract in contracts if contract["type"] == "layers")["layers"]
    named = {name.strip() for floor in floors for name in floor.split(":")}
    modules = {f"placet.{module.name}" for module in pkgutil.iter_modules(placet.__path__)}
    assert modules - named == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_exactly(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    wanted = [line for line in lines if line and not line.startswith("-r ")]
    assert wanted
    assert [
        line for line in wanted if not re.match(r"^[\w.-]+(\[\w+\])?==[\w.]+( ;.*)?$", line)
    ] == []


def test_no_script_or_style_comes_from_elsewhere() -> None:
    """The pages work with the network cable pulled, and no inline script hides from the CSP."""
    elsewhere = re.compile(r"""(src|href)=["'](https?:)?//""")
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|\son\w+=\"|<style|\sstyle=", re.I
    )
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        assert not elsewhere.search(text), path
        assert not inline.search(text), path


def _url_names(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from _url_names(pattern, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}", _arguments(pattern)


def _nameless(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _nameless(pattern, route)
        elif not pattern.name:
            yield route


def _arguments(pattern: URLPattern) -> dict[str, Any]:
    route = pattern.pattern
    assert isinstance(route, RoutePattern)
    samples = {"int": 1, "uuid": "01a2079c-d6b9-707b-a255-e51b371993ee", "hash": "0" * 64}
    kinds = {name: type(converter).__name__ for name, converter in route.converters.items()}
    return {
        name: samples.get(kind.removesuffix("Converter").lower(), "thing")
        for name, kind in kinds.items()
    }


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_what_the_image_copies_is_not_kept_from_it() -> None:
    """The ignore file starts with everything, so each folder has to be named twice."""
    copied = re.findall(r"^COPY (\S+) ", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    named = (ROOT / ".dockerignore").read_text().split()
    assert {f"!{name}" for name in copied} <= set(named)
    assert set(APPS) <= set(copied)
