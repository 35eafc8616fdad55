"""A person's response to an elicitation, as the prompt it becomes. Pure."""

from typing import Any

from reviews.snapshots import ReviewSnapshot
from runs.signals import option_id, said_by

Json = dict[str, Any]
CONNECTED = "Connected"


def prompt_of(review: ReviewSnapshot, asked: Json | None) -> tuple[str, Json | None]:
    """The prompt's body and its signal metadata. `asked` is the metadata that came with the elicitation."""
    response = review.response or {}
    chosen = response.get("selectedIds") or []
    body = response.get("text") or _choice(chosen, asked or {}) or CONNECTED
    if review.feedback:
        body = f"{body}\n\n{review.feedback}"
    return body, {"selectedIds": chosen} if chosen else None


def _choice(chosen: list[str], asked: Json) -> str:
    """In the words of the option: its `value`, or else its `label`."""
    options = asked.get("options") or []
    return ", ".join(said_by(option) for option in options if option_id(option) in chosen)
