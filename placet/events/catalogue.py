"""THE list of events: one frozen dataclass each, named as on the wire. Everything else (filters, docs, schema) derives from EVENTS.

Event data carries ids, never contents: a listener reads the current row through the guarded selectors, so nothing secret
can ride along and nothing stale can be shown.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Event:
    """`agent_id` says whose channel hears it; `user_id`, when set, narrows that to one person."""

    type: ClassVar[str]
    label: ClassVar[str]
    public: ClassVar[bool] = False

    agent_id: UUID | None = None
    user_id: UUID | None = None

    def data(self) -> dict[str, Any]:
        """Plain JSON from birth: what is kept in memory equals what a reload would read."""
        return {
            _camel(field.name): str(value) if isinstance(value, UUID) else value
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }


@dataclass(frozen=True, kw_only=True)
class MessageCreated(Event):
    type = "message:created"
    label = "A message arrived"
    public = True
    message_id: UUID
    sender_type: str
    review_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class MessageDeleted(Event):
    type = "message:deleted"
    label = "A message was deleted"
    public = True
    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class MessageDelivery(Event):
    type = "message:delivery"
    label = "A message reached its agent, or did not"
    message_id: UUID
    delivery_status: str


@dataclass(frozen=True, kw_only=True)
class ReviewResponded(Event):
    type = "review:responded"
    label = "A human responded to a review"
    public = True
    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReviewExpired(Event):
    type = "review:expired"
    label = "A review expired without a response"
    public = True
    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReviewCancelled(Event):
    type = "review:cancelled"
    label = "An agent took its question back"
    public = True
    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class AgentCreated(Event):
    type = "agent:created"
    label = "An agent was added"


@dataclass(frozen=True, kw_only=True)
class AgentUpdated(Event):
    type = "agent:updated"
    label = "An agent's profile or reviewers changed"


@dataclass(frozen=True, kw_only=True)
class AgentDeleted(Event):
    type = "agent:deleted"
    label = "An agent was removed"


@dataclass(frozen=True, kw_only=True)
class AgentStatus(Event):
    type = "agent:status"
    label = "An agent changed its status"
    public = True
    status: str
    status_message: str | None = None


@dataclass(frozen=True, kw_only=True)
class AgentAccess(Event):
    type = "agent:access"
    label = "An agent was let into a conversation, or shown out"
    conversation_id: UUID
    granted: bool


@dataclass(frozen=True, kw_only=True)
class AppInstalled(Event):
    type = "app:installed"
    label = "An app was installed"
    app_id: UUID


@dataclass(frozen=True, kw_only=True)
class AppRevoked(Event):
    type = "app:revoked"
    label = "An app's installation was revoked"
    app_id: UUID


@dataclass(frozen=True, kw_only=True)
class RunCreated(Event):
    """`conversation_id`, here and below: where a guest works. Its people hear of it too; its agent does not."""

    type = "run:created"
    label = "A run began"
    public = True
    run_id: UUID
    trigger: str
    conversation_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class RunActivity(Event):
    """`status` is what the activity made of the run."""

    type = "run:activity"
    label = "Something happened in a run"
    public = True
    run_id: UUID
    activity_id: UUID
    activity_type: str
    status: str
    signal: str | None = None
    conversation_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class RunAssigned(Event):
    """Beside `run:created` and `run:updated`, and for the agent alone: a conversation became its affair, or ceased to be."""

    type = "run:assigned"
    label = "A person handed a conversation to an agent, or took it back"
    run_id: UUID
    assigned: bool


@dataclass(frozen=True, kw_only=True)
class RunMentioned(Event):
    """Beside a prompt, and for the agent alone: it was called by its name in a conversation that it was let into."""

    type = "run:mentioned"
    label = "A person called a guest by its name"
    run_id: UUID
    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class RunUpdated(Event):
    type = "run:updated"
    label = "A run changed its plan, its links or, by silence, its state"
    public = True
    run_id: UUID
    status: str
    conversation_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ChannelRead(Event):
    type = "channel:read"
    label = "A person read a conversation"


@dataclass(frozen=True, kw_only=True)
class FileStored(Event):
    type = "file:stored"
    label = "A file was handed over"
    file_id: UUID


@dataclass(frozen=True, kw_only=True)
class FilePreviewed(Event):
    type = "file:previewed"
    label = "A file can be looked at, or it is known why not"
    file_id: UUID
    message_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class FileDeleted(Event):
    type = "file:deleted"
    label = "A file was deleted"
    file_id: UUID
    message_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class KeyIssued(Event):
    type = "key:issued"
    label = "An API key was issued"
    key_id: UUID


@dataclass(frozen=True, kw_only=True)
class KeyRotated(Event):
    type = "key:rotated"
    label = "An API key was rotated"
    key_id: UUID


@dataclass(frozen=True, kw_only=True)
class KeyRevoked(Event):
    type = "key:revoked"
    label = "An API key was revoked"
    key_id: UUID


@dataclass(frozen=True, kw_only=True)
class EndpointChanged(Event):
    type = "endpoint:changed"
    label = "A webhook endpoint was added, changed or removed"
    endpoint_id: UUID


@dataclass(frozen=True, kw_only=True)
class EndpointOff(Event):
    """Placet gave up on it: nobody asked for that, so somebody has to be told."""

    type = "endpoint:off"
    label = "A webhook endpoint was switched off because it is dead or gone"
    endpoint_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """`session` is a hash: it names the sockets to close and signs nobody in. None means every session of the user."""

    type = "session:ended"
    label = "A person signed out"
    session: str | None = None


@dataclass(frozen=True, kw_only=True)
class UserCreated(Event):
    type = "user:created"
    label = "A person was added"


@dataclass(frozen=True, kw_only=True)
class UserUpdated(Event):
    type = "user:updated"
    label = "A person's profile or role changed"


@dataclass(frozen=True, kw_only=True)
class UserDeleted(Event):
    type = "user:deleted"
    label = "A person was removed; what they owned is the heir's"
    heir_id: UUID


EVENTS: tuple[type[Event], ...] = (
    MessageCreated,
    MessageDeleted,
    MessageDelivery,
    ReviewResponded,
    ReviewExpired,
    ReviewCancelled,
    AgentCreated,
    AgentUpdated,
    AgentDeleted,
    AgentStatus,
    AgentAccess,
    AppInstalled,
    AppRevoked,
    RunCreated,
    RunActivity,
    RunAssigned,
    RunMentioned,
    RunUpdated,
    ChannelRead,
    FileStored,
    FilePreviewed,
    FileDeleted,
    KeyIssued,
    KeyRotated,
    KeyRevoked,
    EndpointChanged,
    EndpointOff,
    SessionEnded,
    UserCreated,
    UserUpdated,
    UserDeleted,
)
#: What may leave the house: by webhook, and in the feed.
PUBLIC = tuple(event.type for event in EVENTS if event.public)
#: What the people of a conversation hear of a guest in their browsers. Feeds and webhooks go by the agent alone.
SEEN_WHERE_IT_HAPPENS = frozenset({RunCreated.type, RunActivity.type, RunUpdated.type})


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)
