"""One response must not make what everybody reads unreadable."""

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


@pytest.mark.parametrize("limit", ["9" * 5000, "²", "-1"])
def test_an_odd_number_in_an_address_is_not_our_fault(
    browser: Client, robot: cast.Robot, limit: str
) -> None:
    cast.ask(robot)
    answer = browser.get("/inbox/", {"limit": limit}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
