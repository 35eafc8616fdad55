"""The twelve kinds of form field, by the word the wire has for them."""

from .base import FieldKind
from .choice import Checkbox, Select
from .moment import Date, DateTime, Time
from .number import Number, Range
from .spec import FieldSpec, FieldType
from .text import Email, Password, Text, TextArea, Url

__all__ = ["KINDS", "FieldKind", "FieldSpec"]

KINDS: dict[FieldType, FieldKind] = {
    "text": Text(),
    "number": Number(),
    "email": Email(),
    "url": Url(),
    "textarea": TextArea(),
    "select": Select(),
    "checkbox": Checkbox(),
    "date": Date(),
    "time": Time(),
    "datetime": DateTime(),
    "range": Range(),
    "password": Password(),
}
