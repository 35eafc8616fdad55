"""One response must not make what everybody reads unreadable."""

from typing import Any

import pytest
from django.test import Client

from tests import cast

pytestmark = pytest.mark.django_db

#: More than 64 bits: whoever writes JSON with 64-bit integers stops here.
HUGE = "9" * 25


def test_a_number_no_json_writer_can_write_is_refused_and_spoils_no_list(
    browser: Client, client: Client, robot: cast.Robot
) -> None:
    number = cast.ask(robot, "form", payload={"fields": [{"name": "n", "type": "number"}]})
    free = cast.ask(robot, "anything")
    fragment = {"HX-Request": "true"}
    for message, form in ((number, {"field.n": HUGE}), (free, {"json": f'{{"n": {HUGE}}}'})):
        refused = browser.post(f"/reviews/{message.id}/respond/", form, headers=fragment)
        assert refused.status_code == 400
    refused = browser.post(
        f"/api/messages/{number.id}/respond", {"response": {"n": HUGE}}, "application/json"
    )
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "response.n"
    assert client.get("/api/v1/messages", headers=robot.headers).status_code == 200
    assert browser.get("/api/messages/reviews").status_code == 200


def test_a_float_that_the_database_spells_out_is_refused_and_spoils_no_list(
    browser: Client, client: Client, robot: cast.Robot
) -> None:
    def post(body: dict[str, Any]) -> Any:
        return client.post("/api/v1/messages", body, "application/json", headers=robot.headers)

    field = {"name": "n", "type": "number"}
    bodies: list[tuple[dict[str, Any], str]] = [
        ({"text": "x", "metadata": {"a": [1, 1e30]}}, "metadata.a.1"),
        ({"review": {"type": "freeform", "payload": {"a": -1e19}}}, "review.payload.a"),
        (
            {"review": {"type": "form", "payload": {"fields": [{**field, "max": 1e25}]}}},
            "review.payload.fields.0.max",
        ),
    ]
    for body, path in bodies:
        refused = post(body)
        assert refused.status_code == 400, body
        assert [error["path"] for error in refused.json()["errors"]] == [path]
        assert "must be a number from" in refused.json()["errors"][0]["message"]
    _read_everything(browser, client, robot)


def test_a_person_who_types_a_float_beyond_64_bits_does_not_break_the_wait(
    browser: Client, client: Client, robot: cast.Robot
) -> None:
    asked = cast.ask(robot, "form", payload={"fields": [{"name": "n", "type": "number"}]})
    fragment = {"HX-Request": "true"}
    path = f"/reviews/{asked.id}/respond/"
    assert browser.post(path, {"field.n": "1e25"}, headers=fragment).status_code == 400
    assert browser.post(path, {"field.n": "1.8e19"}, headers=fragment).status_code == 200
    _read_everything(browser, client, robot)
    read = client.get(f"/api/v1/reviews/{asked.id}", headers=robot.headers)
    assert read.json()["review"]["response"] == {"n": 1.8e19}


def test_numbers_at_the_edge_of_64_bits_are_posted_and_read(
    browser: Client, client: Client, robot: cast.Robot
) -> None:
    edges = {"most": 2**64 - 1, "least": -(2**63), "float": 1e19, "small": 1e-300}
    body = {"text": "x", "metadata": edges, "review": {"type": "freeform", "payload": edges}}
    posted = client.post("/api/v1/messages", body, "application/json", headers=robot.headers)
    assert posted.status_code == 201, posted.json()
    _read_everything(browser, client, robot)
    listed = client.get("/api/v1/messages", headers=robot.headers).json()["data"][0]
    assert listed["metadata"] == listed["review"]["payload"] == edges


def _read_everything(browser: Client, client: Client, robot: cast.Robot) -> None:
    listed = client.get("/api/v1/messages", headers=robot.headers)
    assert listed.status_code == 200
    for message in listed.json()["data"]:
        read = client.get(f"/api/v1/messages/{message['id']}", headers=robot.headers)
        assert read.status_code == 200
    assert client.get("/api/v1/reviews/pending", headers=robot.headers).status_code == 200
    for path in ("/api/messages", "/api/messages/reviews", "/inbox/", f"/chats/{robot.agent.id}/"):
        assert browser.get(path).status_code == 200, path


@pytest.mark.parametrize("limit", ["9" * 5000, "²", "-1"])
def test_an_odd_number_in_an_address_is_not_our_fault(
    browser: Client, robot: cast.Robot, limit: str
) -> None:
    cast.ask(robot)
    answer = browser.get("/inbox/", {"limit": limit}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
