"""Dates and times as an HTML picker writes them: local, without a zone."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, ClassVar

from placet.lib.wording import Refused, must_be, seen

from .base import FieldKind, Problem
from .number import is_real
from .spec import FieldSpec, token


class Moment(FieldKind):
    """`min` and `max` are moments of the same kind. `step` only tunes the picker: nobody is refused for 10:07."""

    rule: ClassVar[str]
    pattern: ClassVar[re.Pattern[str]]
    reader: ClassVar[type[date] | type[time]]

    def parse(self, value: Any) -> Any:
        """Comparable with others of its kind, or Refused."""
        try:
            if isinstance(value, str) and self.pattern.fullmatch(value):
                return self.reader.fromisoformat(value)
        except ValueError:  # well written, but there is no such day
            pass
        raise Refused(must_be(self.rule, value))

    def problems(self, spec: FieldSpec) -> Iterator[Problem]:
        bounds: dict[str, Any] = {}
        for key, value in (("min", spec.min), ("max", spec.max)):
            try:
                bounds[key] = None if value is None else self.parse(value)
            except Refused as refused:
                yield key, str(refused)
        least, most = bounds.get("min"), bounds.get("max")
        if least is not None and most is not None and least > most:
            yield "max", f"must not be before min ({spec.min}); got {seen(spec.max)}"
        if (
            spec.step is not None
            and spec.step != "any"
            and not (is_real(spec.step) and spec.step > 0)
        ):
            yield "step", must_be("a number more than 0", spec.step)

    def clean(self, spec: FieldSpec, value: Any) -> str:
        moment = self.parse(value)
        if spec.min is not None and moment < self.parse(spec.min):
            raise Refused(must_be(f"{spec.min} or later", value))
        if spec.max is not None and moment > self.parse(spec.max):
            raise Refused(must_be(f"{spec.max} or earlier", value))
        return str(value)

    def show(self, spec: FieldSpec, value: Any) -> str:
        return token(value).replace("T", " ")

    def extras(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        # Without a step a browser neither shows seconds nor accepts them.
        by_seconds = any(token(each).count(":") == 2 for each in (value, spec.min, spec.max))
        step = token(spec.step) or ("1" if by_seconds else "")
        return {"min": token(spec.min), "max": token(spec.max), "step": step}


class Date(Moment):
    input_type = "date"
    rule = "a date like 2026-01-31"
    pattern = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
    reader = date


class Time(Moment):
    input_type = "time"
    rule = "a time like 09:30 or 09:30:15"
    pattern = re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII)
    reader = time


class DateTime(Moment):
    input_type = "datetime-local"
    rule = "a date and time like 2026-01-31T09:30"
    pattern = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
    reader = datetime
