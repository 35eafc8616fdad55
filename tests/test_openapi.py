"""The schema is committed: every change of the API shows in review. Its examples run."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from placet.events.catalogue import EVENTS
from tests import cast

COMMITTED = Path(__file__).parent.parent / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def schema() -> Any:
    return yaml.safe_load(COMMITTED.read_text())


def test_the_committed_schema_is_the_code_s(schema: Any) -> None:
    fresh = SchemaGenerator().get_schema(request=None, public=True)
    assert yaml.safe_load(OpenApiYamlRenderer().render(fresh, renderer_context={})) == schema, (
        "Run `make openapi`."
    )


def test_every_route_of_the_agent_api_is_described(schema: Any) -> None:
    doors: Any = [one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/"]
    routes = {
        f"/api/v1/{one.pattern}".replace("<str:", "{").replace(">", "}")
        for door in doors
        # Another platform's words are described by that platform.
        if door.namespace != "plane"
        for one in door.url_patterns
    }
    assert set(schema["paths"]) == routes


def test_the_public_events_are_named(schema: Any) -> None:
    assert schema["components"]["schemas"]["EventType"]["enum"] == [
        one.type for one in EVENTS if one.public
    ]


@pytest.mark.django_db
def test_every_example_runs(schema: Any, client: Client, robot: cast.Robot) -> None:
    bodies = schema["paths"]["/api/v1/messages"]["post"]["requestBody"]["content"][
        "application/json"
    ]["examples"]
    assert len(bodies) >= 5
    for example in bodies.values():
        answer = client.post(
            "/api/v1/messages", example["value"], "application/json", headers=robot.headers
        )
        assert answer.status_code == 201, (example, answer.json())


def test_the_page_and_all_it_loads_come_from_here(client: Client) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "//" not in page.text.replace("http://testserver", "").replace("http://www.w3.org", "")
