"""How an agent describes one field of a form."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from placet.lib.wording import must_be, seen
from reviews.types.shapes import MAX_ITEMS, Caption, Ident, Label, Length, Note, Shape

FieldType = Literal[
    "text",
    "number",
    "email",
    "url",
    "textarea",
    "select",
    "checkbox",
    "date",
    "time",
    "datetime",
    "range",
    "password",
]


def token(value: Any) -> str:
    """A JSON scalar as a form posts it: strings as they are, 1 and 1.0 alike, `true` as on the wire."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _public(name: str) -> str:
    # The underscore is ours: `_dismissed` lives beside the fields.
    if name.startswith("_"):
        raise PydanticCustomError(
            "rule", 'must not start with "_"; got {seen}', {"seen": seen(name)}
        )
    return name


def _scalar(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        rule = must_be("a string, a number or a boolean", value)
        raise PydanticCustomError("rule", "{rule}", {"rule": rule})
    return value


def _spelled_out(option: Any) -> Any:
    """`"staging"` means `{"value": "staging", "label": "staging"}`; a value without a label is its own label."""
    if isinstance(option, str | int | float):
        option = {"value": option}
    if isinstance(option, dict) and option.get("label") is None:
        return {**option, "label": token(option.get("value"))}
    return option


class Choice(Shape):
    value: Annotated[Any, AfterValidator(_scalar)]
    label: Label


class FieldSpec(Shape):
    """Bounds are `Any` here because a number's and a date's differ: each field kind checks its own."""

    name: Annotated[Ident, AfterValidator(_public)]
    type: FieldType
    label: Label
    required: bool = False
    placeholder: Note = ""
    description: Note = ""
    unit: Caption = ""
    options: Annotated[
        list[Annotated[Choice, BeforeValidator(_spelled_out)]], Field(max_length=MAX_ITEMS)
    ] = []
    default_value: Any = None
    min: Any = None
    max: Any = None
    step: Any = None
    min_length: Length | None = None
    max_length: Length | None = None

    @model_validator(mode="before")
    @classmethod
    def _named_after_itself(cls, given: Any) -> Any:
        if isinstance(given, dict) and not given.get("label"):
            name = given.get("name")
            # A bad name is told once, as a name.
            return {**given, "label": name if isinstance(name, str) and name.strip() else "unnamed"}
        return given
