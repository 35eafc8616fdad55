"""`/api/api-keys` for people: the key itself is in the answer that made it, and nowhere else."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import BrowserView
from agents import keys, selectors
from agents.snapshots import IssuedKey
from agents.wire import key_json
from placet.lib.shapes import Moment, Shape, Text, Texts, parse


class KeyIn(Shape):
    # The stubs know `label` as a plain attribute of every field.
    label = Text(required=False, max_length=64)  # type: ignore[assignment]
    agentId = Text(required=False, allow_null=True, max_length=500)
    scopes = Texts(required=False)
    expiresAt = Moment(required=False, allow_null=True)


class Keys(BrowserView):
    def get(self, request: Request) -> Response:
        return Response([key_json(key) for key in selectors.keys_for(self.by)])

    def post(self, request: Request) -> Response:
        body = parse(KeyIn, request.data)
        issued = keys.issue_key(
            by=self.by,
            agent_id=body.get("agentId"),
            label=body.get("label", "Default"),
            scopes=body.get("scopes", keys.SCOPES),
            expires_at=body.get("expiresAt"),
        )
        return Response(_with_key(issued), status=201)


class Key(BrowserView):
    def delete(self, request: Request, key_id: str) -> Response:
        keys.revoke_key(by=self.by, key_id=key_id)
        return Response({"deleted": True})


class Rotate(BrowserView):
    def post(self, request: Request, key_id: str) -> Response:
        return Response(_with_key(keys.rotate_key(by=self.by, key_id=key_id)))


def _with_key(issued: IssuedKey) -> dict[str, object]:
    return {**key_json(issued.snapshot), "key": issued.key}
