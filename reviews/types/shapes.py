"""Shapes of payloads and responses: pydantic models with our wording, our paths and camelCase on the wire."""

from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, PydanticCustomError

from placet.lib.errors import FieldError, Invalid
from placet.lib.wording import at_least, at_most, must_be, one_of, seen

from .plain import json_object

MAX_ITEMS = 100
MAX_TEXT = 100_000


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("rule", "must not be blank; got {seen}", {"seen": seen(text)})
    return text


def _in_its_order(text: str) -> str:
    """What stands on a button must read as it is written: an override shows "eject" for what is stored as "tceje"."""
    if found := next((one for one in text if one in "\u202d\u202e"), None):
        rule = "must not turn the order of letters around; got {seen}"
        raise PydanticCustomError("rule", rule, {"seen": f"U+{ord(found):04X}"})
    return text


Ident = Annotated[str, Field(max_length=200), AfterValidator(_not_blank)]
Label = Annotated[
    str, Field(max_length=500), AfterValidator(_not_blank), AfterValidator(_in_its_order)
]
Caption = Annotated[str, Field(max_length=500), AfterValidator(_in_its_order)]
Note = Annotated[str, Field(max_length=2_000)]
Length = Annotated[int, Field(ge=0, le=MAX_TEXT)]


class Shape(BaseModel):
    """Strict about what it knows; what it does not know it keeps, because agents read their payload back."""

    model_config = ConfigDict(strict=True, extra="allow", alias_generator=to_camel)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, given: Any) -> Any:
        # Typed clients send null for every optional key they left out.
        if isinstance(given, dict):
            return {key: value for key, value in given.items() if value is not None}
        return given

    @classmethod
    def read(cls, given: Any, *, path: str) -> Self:
        """The value in this shape, or Invalid with one error per broken rule below `path`."""
        return _shaped(cls, json_object(given, path=path), path=path)

    def wire(self) -> dict[str, Any]:
        """As posted: defaults stay unwritten, so that the stored payload is the agent's own."""
        return self.model_dump(by_alias=True, exclude_unset=True)


S = TypeVar("S", bound=Shape)


def _shaped(shape: type[S], given: dict[str, Any], *, path: str) -> S:
    try:
        return shape.model_validate(given)
    except ValidationError as refused:
        errors = [_translated(error, path) for error in refused.errors(include_url=False)]
    # Raised outside the handler: pydantic's own error carries every value it saw, and tracebacks reach logs.
    raise Invalid("Validation failed", errors=errors)


def _translated(error: ErrorDetails, path: str) -> FieldError:
    where = ".".join([path, *(str(part) for part in error["loc"])])
    return FieldError(where, _worded(error))


def _worded(error: ErrorDetails) -> str:
    value, facts = error["input"], error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "is required"
        case "string_type":
            return must_be("a string", value)
        case "bool_type":
            return must_be("true or false", value)
        case "list_type":
            return must_be("an array", value)
        case "model_type":
            return must_be("an object", value)
        case "int_type":
            return must_be("a whole number", value)
        case "literal_error":
            # pydantic words them "'a', 'b' or 'c'".
            return must_be(one_of(str(facts["expected"]).split("'")[1::2]), value)
        case "greater_than_equal":
            return must_be(f"at least {facts['ge']}", value)
        case "less_than_equal":
            return must_be(f"at most {facts['le']}", value)
        case "too_short":
            return at_least(facts["min_length"], "item", len(value))
        case "too_long":
            return at_most(facts["max_length"], "item", len(value))
        case "string_too_long":
            return at_most(facts["max_length"], "character", len(value))
    return error["msg"]
