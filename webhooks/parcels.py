"""A delivery ready to be sent: read, written and sealed by the database's thread, carried by the loop."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import orjson
from multidict import CIMultiDict

from agents.snapshots import MASKED, WebhookSnapshot
from agents.webhook import webhooks_of
from inbox.selectors import messages_of
from inbox.snapshots import MessageSnapshot
from placet.lib import signing
from placet.lib.clock import now
from placet.lib.ids import NIL, id_or_nil
from runs.selectors import activities_of, runs_of
from webhooks import dialects, silence
from webhooks.dialects import Letter, News, Writer
from webhooks.models import SHOWN_ON_MESSAGE, Delivery, Endpoint, Kind
from webhooks.payloads import payload
from webhooks.targets import may_carry_credentials

AGENT_NAME = "Placet/1"
#: Anew for every try.
STAMPED = {
    "webhook-timestamp": "the time of the try, in seconds",
    "webhook-signature": f"v1,{MASKED}",
}


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What one try needs to know. `fault` says why it cannot even be tried."""

    delivery_id: UUID
    event_id: str
    event_type: str
    target: str
    #: The message whose ticks tell what becomes of it, if any.
    message_id: UUID | None = None
    url: str = field(default="", repr=False)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    dialect: str = ""
    fault: str = ""

    def sealed(self, at: datetime) -> tuple[bytes, CIMultiDict[str]]:
        """Body and headers of one try."""
        if not self.dialect:
            return self.body, self.signed_headers(at)
        letter = Letter(
            event_type=self.event_type,
            event_id=self.event_id,
            body=self.body,
            # One signature has one secret: the newest.
            secret=next(iter(self.secrets), ""),
            at=at,
        )
        body, stamps = dialects.get(self.dialect).seal(letter)
        headers = replace(self, body=body).signed_headers(at)
        headers.update(stamps)
        return body, headers

    def signed_headers(self, at: datetime) -> CIMultiDict[str]:
        """Stamped anew for every try; the id and the body stay. The receiver's own words win over ours, but for the signature."""
        headers = CIMultiDict({"Content-Type": "application/json", "User-Agent": AGENT_NAME})
        headers.update(self.headers)
        headers.update(signing.headers(self.event_id, at, self.body, self.secrets))
        return headers

    def masked_headers(self) -> Iterator[tuple[str, str]]:
        """The same for a person to read: the receiver's own may be credentials, and what is stamped differs at each try."""
        own = CIMultiDict(self.headers)
        stamped = {**STAMPED, **(dialects.get(self.dialect).stamped if self.dialect else {})}
        for name, value in self.sealed(now())[1].items():
            yield name, MASKED if name in own else value and stamped.get(name, value)


class Packer:
    """Reads at once what the deliveries of a batch need, then packs them one by one."""

    def __init__(self, rows: Sequence[Delivery]) -> None:
        agent_ids = {row.agent_id for row in rows if row.agent_id}
        fresh = {row.message_id for row in rows if row.message_id and row.body is None}
        self._messages = messages_of(fresh)
        self._runs = runs_of(_named("runId", rows))
        self._activities = activities_of(_named("activityId", rows))
        self._hooks = webhooks_of(agent_ids)
        endpoints = Endpoint.objects.filter(pk__in={row.endpoint_id for row in rows})
        self._endpoints = {row.pk: row for row in endpoints}
        owned = Endpoint.objects.filter(agent_id__in=agent_ids)
        self._of_agents = {row.agent_id: row for row in owned}
        self._silent = silence.silent_among([owner for owner in self._of_agents if owner])
        self._writers = self._writers_for([row for row in rows if row.dialect and not row.body])

    def freeze(self, row: Delivery) -> None:
        """Write the body, once: every further try signs these very bytes."""
        if row.dialect:
            body = self._writers[row.dialect](self._news(row))
            row.body, row.hidden = orjson.dumps(body).decode(), []
        else:
            self._freeze_in_ours(row)

    def _freeze_in_ours(self, row: Delivery) -> None:
        message = self._messages.get(row.message_id) if row.message_id else None
        reveal = row.kind != Kind.WORKSPACE
        body = payload(
            row.event_type,
            row.event_id,
            row.facts,
            message,
            reveal=reveal,
            run=self._runs.get(_id(row, "runId")),
            activity=self._activities.get(_id(row, "activityId")),
        )
        row.body = orjson.dumps(body).decode()
        row.hidden = _secret_names(message) if reveal else []

    def _writers_for(self, rows: Sequence[Delivery]) -> dict[str, Writer]:
        by_name: dict[str, list[News]] = {}
        for row in rows:
            by_name.setdefault(row.dialect, []).append(self._news(row))
        return {name: dialects.get(name).writer(by_name[name]) for name in dialects.known(by_name)}

    def _news(self, row: Delivery) -> News:
        return News(
            event_type=row.event_type,
            event_id=row.event_id,
            facts=row.facts,
            agent_id=row.agent_id or NIL,
            endpoint_id=row.endpoint_id or NIL,
            message=self._messages.get(row.message_id) if row.message_id else None,
            run=self._runs.get(_id(row, "runId")),
            activity=self._activities.get(_id(row, "activityId")),
        )

    def pack(self, row: Delivery) -> Parcel:
        endpoint = self._endpoint(row)
        hook = self._hooks.get(row.agent_id) if row.agent_id else None
        fault = _fault(row, endpoint, hook) or self._silence(row)
        if fault:
            return hopeless(row, fault)
        url, headers = self._address(row, endpoint, hook)
        return Parcel(
            delivery_id=row.pk,
            event_id=row.event_id,
            event_type=row.event_type,
            target=row.target,
            message_id=_told_on(row),
            dialect=row.dialect,
            url=url,
            method=row.method,
            headers=headers,
            secrets=_secrets(endpoint),
            body=(row.body or "").encode(),
        )

    def _silence(self, row: Delivery) -> str:
        if row.kind != Kind.AGENT or row.agent_id not in self._silent:
            return ""
        return "" if row.event_type in silence.TOLD_ANYWAY else "Its app is not installed."

    def _endpoint(self, row: Delivery) -> Endpoint | None:
        """Whose secret signs: what goes to a message's own address or a callback is signed as the agent's."""
        if row.endpoint_id:
            return self._endpoints.get(row.endpoint_id)
        return self._of_agents.get(row.agent_id)

    def _address(
        self, row: Delivery, endpoint: Endpoint | None, hook: WebhookSnapshot | None
    ) -> tuple[str, dict[str, str]]:
        if row.kind == Kind.WORKSPACE and endpoint:
            return endpoint.url, endpoint.headers or {}
        if row.kind == Kind.CALLBACK:
            return row.url, row.headers or {}
        url = row.url or (hook.url if hook else "")
        return url, _credentials(hook) if hook and may_carry_credentials(url, hook) else {}


def _named(name: str, rows: Sequence[Delivery]) -> set[UUID]:
    return {_id(row, name) for row in rows if row.body is None} - {NIL}


def _id(row: Delivery, name: str) -> UUID:
    return id_or_nil(row.facts.get(name))


def _fault(row: Delivery, endpoint: Endpoint | None, hook: WebhookSnapshot | None) -> str:
    """Why there is nowhere to go, if there is not."""
    if row.endpoint_id and (endpoint is None or endpoint.off):
        return "The endpoint is switched off."
    if row.kind == Kind.AGENT and hook is None:
        return "The agent has no webhook any more."
    if row.dialect and not dialects.known([row.dialect]):
        return "Nobody here speaks that dialect any more."
    return ""


def hopeless(row: Delivery, fault: str) -> Parcel:
    return Parcel(
        delivery_id=row.pk,
        event_id=row.event_id,
        event_type=row.event_type,
        target=row.target,
        message_id=_told_on(row),
        fault=fault,
    )


def _told_on(row: Delivery) -> UUID | None:
    told = row.event_type in SHOWN_ON_MESSAGE and row.kind != Kind.WORKSPACE
    return row.message_id if told else None


def _credentials(hook: WebhookSnapshot) -> dict[str, str]:
    """Headers come last: who sets an Authorization of their own means it."""
    basic = {}
    if hook.auth:
        pair = f"{hook.auth['username']}:{hook.auth['password']}"
        basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {**basic, **hook.headers}


def _secrets(endpoint: Endpoint | None) -> tuple[str, ...]:
    if endpoint is None or not endpoint.secret:
        return ()
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > now():
        return (endpoint.secret, endpoint.old_secret)
    return (endpoint.secret,)


def _secret_names(message: MessageSnapshot | None) -> list[str]:
    review = message.review if message else None
    return sorted(review.kind.secret_fields(review.payload)) if review else []
