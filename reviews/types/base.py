"""What a review type promises: what may be asked, what may be answered, and how both read to a human."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

from django.http import QueryDict

REDACTED = "***REDACTED***"

Tone = Literal["yes", "no", "neutral"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a given response reads to a human: labels, never ids; a secret is only dots."""

    label: str
    tone: Tone
    lines: tuple[tuple[str, str], ...]
    comment: str = ""


class ReviewType(ABC):
    """One kind of question. Pure: no database, no request; both cleaners raise Invalid and are idempotent."""

    slug: str
    label: str

    @property
    def template(self) -> str:
        return f"reviews/types/{self.slug}.html"

    @abstractmethod
    def clean_payload(self, payload: Any) -> dict[str, Any]:
        """The question as it is stored; None stands for the type's own defaults. Refuses at `review.payload.…`."""

    @abstractmethod
    def clean_response(self, payload: dict[str, Any], response: Any) -> dict[str, Any]:
        """The answer as it is stored and sent to the agent. Refuses at `response.…`."""

    @abstractmethod
    def from_form(self, payload: dict[str, Any], data: QueryDict) -> dict[str, Any]:
        """What the HTML form posted, as a raw response: unchecked, so that it can be shown again as it was typed."""

    @abstractmethod
    def outcome(self, payload: dict[str, Any], response: dict[str, Any]) -> Outcome:
        """How a cleaned response reads to a human."""

    @abstractmethod
    def card(self, payload: dict[str, Any], draft: dict[str, Any] | None) -> dict[str, Any]:
        """Everything the template needs, with the draft's values, or else the defaults, filled in."""

    def secret_fields(self, payload: dict[str, Any]) -> frozenset[str]:
        """Keys of the response that must be encrypted at rest."""
        return frozenset()

    def redact(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The payload as cards and lists may show it."""
        return payload
