"""What we sign, the specification's own library verifies; what was changed, it refuses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from placet.lib import signing

BODY = b'{"event":"review:responded","response":{"selectedOption":"approve"}}'


def test_the_vector_of_the_specification() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)
    signed = signing.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', [secret])
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signed["webhook-timestamp"] == "1614265330"


@given(st.binary(max_size=500))
def test_the_official_library_verifies(body: bytes) -> None:
    secret = signing.mint_secret()
    text = body.decode("latin-1")
    signed = signing.headers("evt_1", datetime.now(UTC), text.encode(), [secret])
    at = datetime.fromtimestamp(int(signed["webhook-timestamp"]), UTC)
    assert signed["webhook-signature"] == Webhook(secret).sign("evt_1", at, text)


@pytest.mark.parametrize("position", [0, 1])
def test_while_a_secret_is_rotated_either_verifies(position: int) -> None:
    both = [signing.mint_secret(), signing.mint_secret()]
    signed = signing.headers("evt_1", datetime.now(UTC), BODY, both)
    assert Webhook(both[position]).verify(BODY, signed)["event"] == "review:responded"


@pytest.mark.parametrize("part", ["webhook-id", "webhook-timestamp", "webhook-signature", "body"])
def test_what_was_tampered_with_is_refused(part: str) -> None:
    secret, body = signing.mint_secret(), BODY
    signed = signing.headers("evt_1", datetime.now(UTC), body, [secret])
    if part == "body":
        body = body.replace(b"approve", b"reject")
    else:
        later = str(int(signed["webhook-timestamp"]) + 1)
        other = {"webhook-id": "evt_2", "webhook-signature": "v1,AAAA", "webhook-timestamp": later}
        signed[part] = other[part]
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, signed)


def test_an_old_signature_is_refused() -> None:
    secret = signing.mint_secret()
    signed = signing.headers("evt_1", datetime.now(UTC) - timedelta(minutes=10), BODY, [secret])
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, signed)


def test_a_secret_that_is_none_is_said_to_be_none() -> None:
    with pytest.raises(ValueError, match="whsec_"):
        signing.headers("evt_1", datetime.now(UTC), BODY, ["not base64!"])
