"""Signals: how an activity is meant, and which question an elicitation with one is. Pure."""

from typing import Any

from django.conf import settings

from inbox.services.posting import Question
from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import must_be, one_of, seen
from reviews import types

STOP, AUTH, SELECT = "stop", "auth", "select"
#: What the dialects call the same.
ALIASES = {"auth_request": AUTH, "continue": None}
#: Agents to people; stop is for people to say.
ASKING = (SELECT, AUTH)
#: Any of these names an option.
NAMES = ("id", "value", "label")
Json = dict[str, Any]


def clean_signal(
    type: str, signal: str | None, metadata: Json | None, *, tolerate_stop: bool
) -> Json:
    """`continue` is no signal; the agent's metadata is kept letter by letter once it is known to be usable."""
    meant = _clean_word(signal, tolerate_stop=tolerate_stop)
    if meant in ASKING and type != "elicitation":
        raise Invalid.field("signal", f"must come with an elicitation; got {seen(signal)}")
    if meant in ASKING:
        _question_is_usable(meant, metadata or {})
    return {"signal": meant, "signal_metadata": metadata}


def question_of(signal: str | None, metadata: Json | None) -> Question:
    """The review that an elicitation is."""
    seconds = settings.PLACET_REVIEW_MAX_SECONDS
    if signal == SELECT:
        return Question(
            type="selection", payload=_selection(metadata or {}), expires_in_seconds=seconds
        )
    if signal == AUTH:
        return Question(type="link", payload=_link(metadata or {}), expires_in_seconds=seconds)
    return Question(type="text-input", payload={"markdown": True}, expires_in_seconds=seconds)


def option_id(option: Json) -> str:
    """The one dialect names options by `id`, the other by `value`."""
    return str(option.get("id") or option.get("value") or option.get("label"))


def said_by(option: Json) -> str:
    """What a prompt says when this was chosen."""
    return str(option.get("value") or option.get("label") or option.get("id"))


def _clean_word(signal: str | None, *, tolerate_stop: bool) -> str | None:
    if signal is None:
        return None
    word = ALIASES.get(signal, signal) if _is_word(signal) else signal
    if word not in (None, *ASKING) and not (word == STOP and tolerate_stop):
        rule = one_of(("continue", SELECT, AUTH))
        rule += ": only people say stop" if word == STOP else ""
        raise Invalid.field("signal", must_be(rule, signal))
    return word


def _is_word(signal: object) -> bool:
    """What comes in JSON may be anything."""
    return isinstance(signal, str)


def _question_is_usable(signal: str | None, metadata: Json) -> None:
    """Checked as the review it will be, and told at the agent's own words."""
    if signal == SELECT:
        _options_have_names(metadata.get("options"))
    question = question_of(signal, metadata)
    try:
        types.get(question.type).clean_payload(question.payload)
    except Invalid as refusal:
        errors = [FieldError(_own_path(one.path), one.message) for one in refusal.errors]
    else:
        return
    raise Invalid("Validation failed", errors=errors)


def _own_path(path: str) -> str:
    inner = path.removeprefix("review.payload.")
    return f"signalMetadata.{inner.replace('items', 'options', 1)}"


def _options_have_names(options: object) -> None:
    path = "signalMetadata.options"
    if not isinstance(options, list):
        raise Invalid.field(
            path, "is required" if options is None else must_be("an array", options)
        )
    for index, option in enumerate(options):
        if not isinstance(option, dict):
            raise Invalid.field(f"{path}.{index}", must_be("an object", option))
        if not any(option.get(key) for key in NAMES):
            raise Invalid.field(f"{path}.{index}", f"must have {one_of(NAMES)}")
        for key in NAMES:
            if not isinstance(option.get(key), str | None):
                raise Invalid.field(f"{path}.{index}.{key}", must_be("a string", option[key]))


def _selection(metadata: Json) -> Json:
    multi = bool(metadata.get("allow_multiple") or metadata.get("allowMultiple"))
    return {
        "mode": "multi" if multi else "single",
        "items": [_item(option) for option in metadata["options"]],
        "allowText": True,
    }


def _item(option: Json) -> Json:
    label = str(option.get("label") or option_id(option))
    note = {"description": option["description"]} if option.get("description") else {}
    return {"id": option_id(option), "label": label, **note}


def _link(metadata: Json) -> Json:
    """Two dialects, two words for who is behind the link."""
    provider = metadata.get("provider") or metadata.get("providerName")
    return {"url": metadata.get("url"), "provider": provider}
