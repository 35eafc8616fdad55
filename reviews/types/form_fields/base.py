"""What every field kind knows about its values."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from .spec import FieldSpec, token

Problem = tuple[str, str]  # where inside the field's spec, and what is wrong


class FieldKind(ABC):
    """One of the twelve. Stateless: the spec travels with every call."""

    #: templates/reviews/types/fields/<control>.html, and the `type` of its <input>.
    control: ClassVar[str] = "input"
    input_type: ClassVar[str] = "text"
    autocomplete: ClassVar[str] = "off"
    secret: ClassVar[bool] = False
    #: What an empty required field is told, and what an empty optional one is stored as (None: its key is left out).
    demand: ClassVar[str] = "is required"
    blank: ClassVar[Any] = None

    def problems(self, spec: FieldSpec) -> Iterator[Problem]:
        """What is wrong with the spec itself, its default value aside."""
        yield from ()

    def is_empty(self, value: Any) -> bool:
        return value is None or value == ""

    @abstractmethod
    def clean(self, spec: FieldSpec, value: Any) -> Any:
        """A non-empty value as the agent will get it, or Refused."""

    def from_form(self, posted: str | None) -> Any:
        return posted or ""

    def show(self, spec: FieldSpec, value: Any) -> str:
        return token(value)

    @abstractmethod
    def extras(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        """What only this kind's control needs, beyond what every field has."""
