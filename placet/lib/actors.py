"""Who is acting. Every service takes one as `by`; nothing else decides what may be done."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A human in a session, an agent's API key, or the system itself. Frozen, so it can cross threads and be a dict key."""

    kind: Literal["human", "key", "system"]
    user_id: UUID | None = None
    is_owner: bool = False
    name: str = ""
    key_id: UUID | None = None
    bound_agent_id: UUID | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def is_human(self) -> bool:
        return self.kind == "human"

    @property
    def is_key(self) -> bool:
        return self.kind == "key"

    @property
    def person_id(self) -> UUID:
        """The user this actor acts as, or for; the system acts for nobody."""
        if self.user_id is None:
            raise ValueError(f"{self.label} acts for no person.")
        return self.user_id

    @property
    def label(self) -> str:
        """How the audit trail spells this actor: "human:<id>", "key:<id>", "system"."""
        return ":".join(str(part) for part in (self.kind, self.key_id or self.user_id) if part)


SYSTEM = Actor(kind="system", name="Placet")
