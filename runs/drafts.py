"""What an agent may report, checked: content, signal and metadata of an activity that is to be. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from inbox.services.arriving import LONGEST_TEXT
from placet.lib.errors import FieldError, Invalid
from placet.lib.ids import parse_id
from placet.lib.wording import at_most, must_be, one_of, seen, shorten
from reviews.types.plain import json_object
from runs.signals import clean_signal

FROM_AGENTS = ("thought", "action", "elicitation", "response", "error")
#: Only these may be asked to vanish when the next one comes.
PASSING = ("thought", "action")
MOST_PARAMETERS, LONGEST_NAME = 100, 200
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Draft:
    type: str
    content: Json
    id: UUID | None = None
    ephemeral: bool = False
    signal: str | None = None
    signal_metadata: Json | None = None
    content_metadata: Json | None = None

    @property
    def body(self) -> str:
        return str(self.content.get("body", ""))

    @property
    def fields(self) -> Json:
        """What the stored activity is made of; the same id again must be the same in all of these."""
        return {
            "type": self.type,
            "content": self.content,
            "ephemeral": self.ephemeral,
            "signal": self.signal,
            "signal_metadata": self.signal_metadata,
            "content_metadata": self.content_metadata,
        }


def draft(
    *,
    type: object,
    content: object,
    id: object = None,
    ephemeral: bool = False,
    signal: str | None = None,
    signal_metadata: object = None,
    content_metadata: object = None,
    tolerate_stop: bool = False,
) -> Draft:
    """The activity as it will be stored. `tolerate_stop` for dialects whose agents confirm a stop with that signal."""
    kind = _clean_type(type)
    return Draft(
        id=_clean_id(id),
        type=kind,
        content=clean_content(kind, content),
        ephemeral=_clean_ephemeral(kind, ephemeral),
        content_metadata=_object(content_metadata, "contentMetadata"),
        **clean_signal(
            kind,
            signal,
            _object(signal_metadata, "signalMetadata"),
            tolerate_stop=tolerate_stop,
        ),
    )


def clean_content(type: str, content: object) -> Json:
    given = json_object(content, path="content")
    if (said := given.get("type")) not in (None, type):
        raise Invalid.field("content.type", must_be(f'the type of the activity, "{type}"', said))
    if type == "action":
        return _clean_action(given)
    return {"body": _text(given.get("body"), "content.body")}


def _clean_action(given: Json) -> Json:
    parameters, result = given.get("parameters"), given.get("result")
    return {
        "action": _text(given.get("action"), "content.action", most=LONGEST_NAME),
        "parameters": _clean_parameters({} if parameters is None else parameters),
        "result": None if result is None else _string(result, "content.result"),
    }


def _clean_parameters(given: object) -> dict[str, str]:
    """Names and values are strings, as both foreign dialects have them; what has structure goes into the metadata."""
    path = "content.parameters"
    if not isinstance(given, Mapping):
        raise Invalid.field(path, must_be("an object", given))
    if len(given) > MOST_PARAMETERS:
        raise Invalid.field(path, at_most(MOST_PARAMETERS, "name", len(given)))
    wrong = [
        FieldError(f"{path}.{shorten(str(name))}", must_be("a string", value))
        for name, value in given.items()
        if not isinstance(value, str)
    ]
    if wrong:
        raise Invalid("Validation failed", errors=wrong)
    for name, value in given.items():
        _string(value, f"{path}.{shorten(str(name))}")
    return dict(given)


def _clean_type(type: object) -> str:
    if type not in FROM_AGENTS:
        rule = one_of(FROM_AGENTS)
        rule += ": only people prompt" if type == "prompt" else ""
        raise Invalid.field("type", must_be(rule, type))
    return str(type)


def _clean_id(id: object) -> UUID | None:
    if id is None:
        return None
    if (found := parse_id(id)) is None or not found.int:
        raise Invalid.field("id", must_be("a UUID", id))
    return found


def _clean_ephemeral(type: str, ephemeral: object) -> bool:
    if not isinstance(ephemeral, bool):
        raise Invalid.field("ephemeral", must_be("true or false", ephemeral))
    if ephemeral and type not in PASSING:
        raise Invalid.field(
            "ephemeral", f"must be false but for a thought and an action; got {type}"
        )
    return ephemeral


def _object(value: object, path: str) -> Json | None:
    return None if value is None else json_object(value, path=path)


def _text(value: object, path: str, *, most: int = LONGEST_TEXT) -> str:
    if value is None:
        raise Invalid.field(path, "is required")
    text = _string(value, path, most=most)
    if not text.strip():
        raise Invalid.field(path, f"must not be blank; got {seen(text)}")
    return text


def _string(value: object, path: str, *, most: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str):
        raise Invalid.field(path, must_be("a string", value))
    if len(value) > most:
        raise Invalid.field(path, at_most(most, "character", len(value)))
    return value
