"""Numbers: typed into a box or set with a slider."""

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from placet.lib.numbers import RULE as STORABLE
from placet.lib.numbers import is_storable
from placet.lib.wording import Refused, must_be, seen

from .base import FieldKind, Problem
from .spec import FieldSpec, token

Real = int | float

WRITTEN = re.compile(
    r"[+-]?(?:\d{1,300}(?:\.\d{0,300})?|\.\d{1,300})(?:[eE][+-]?\d{1,3})?", re.ASCII
)
WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
# 0.1 + 0.2 is a multiple of 0.1 to everybody but a float.
TOLERANCE = Fraction(1, 10**6)


class Bounds(NamedTuple):
    min: Real | None
    max: Real | None
    step: Real | None


class Number(FieldKind):
    """An int stays an int. Digits in a string count as a number: that is how forms, and some clients, send them."""

    input_type = "number"

    def problems(self, spec: FieldSpec) -> Iterator[Problem]:
        given = {
            "min": spec.min,
            "max": spec.max,
            "step": None if spec.step == "any" else spec.step,
        }
        wrong = {key for key, value in given.items() if value is not None and not is_real(value)}
        yield from ((key, must_be("a number", given[key])) for key in given if key in wrong)
        if not wrong:
            yield from _contradictions(self.bounds(spec))

    def bounds(self, spec: FieldSpec) -> Bounds:
        return Bounds(spec.min, spec.max, None if spec.step == "any" else spec.step)

    def clean(self, spec: FieldSpec, value: Any) -> Real:
        number = parsed(value)
        least, most, step = self.bounds(spec)
        if least is not None and number < least:
            raise Refused(must_be(f"at least {token(least)}", number))
        if most is not None and number > most:
            raise Refused(must_be(f"at most {token(most)}", number))
        if step is not None and not _on_step(number, least or 0, step):
            start = f" from {token(least)}" if least else ""
            raise Refused(must_be(f"in steps of {token(step)}{start}", number))
        return number

    def show(self, spec: FieldSpec, value: Any) -> str:
        return f"{token(value)} {spec.unit}".strip()

    def extras(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        least, most, step = self.bounds(spec)
        # A browser without a step would insist on whole numbers.
        return {"min": token(least), "max": token(most), "step": token(step) or "any"}


class Range(Number):
    """A slider always stands somewhere, so the bounds a browser would assume are rules here too."""

    control, input_type = "range", "range"

    def bounds(self, spec: FieldSpec) -> Bounds:
        least, most, step = super().bounds(spec)
        step = 1 if spec.step is None else step
        return Bounds(0 if least is None else least, 100 if most is None else most, step)

    def extras(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        placed = {"value": token(self.middle(spec))} if self.is_empty(value) else {}
        return {**super().extras(spec, value), **placed}

    def middle(self, spec: FieldSpec) -> Real:
        """Where a browser puts the thumb of an untouched slider."""
        least, most, step = self.bounds(spec)
        start, half = _exact(least or 0), (_exact(most or 0) - _exact(least or 0)) / 2
        grid = _exact(step) if step else None
        place = start + (half // grid * grid if grid else half)
        return place.numerator if place.denominator == 1 else float(place)


def is_real(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond every float
        return False


def parsed(value: Any) -> Real:
    number: Any = value
    if isinstance(value, str) and WRITTEN.fullmatch(value.strip()):
        number = int(value) if WHOLE.fullmatch(value.strip()) else float(value)
    if not is_real(number):
        raise Refused(must_be("a number", value))
    if not is_storable(number):
        raise Refused(must_be(STORABLE, value))
    return number  # type: ignore[no-any-return]  # is_real has looked


def _contradictions(bounds: Bounds) -> Iterator[Problem]:
    least, most, step = bounds
    if least is not None and most is not None and least > most:
        yield "max", f"must not be less than min ({token(least)}); got {seen(most)}"
    if step is not None and step <= 0:
        yield "step", must_be("more than 0", step)


def _exact(number: Real) -> Fraction:
    """The number as it is written: 0.1 is a tenth here, not the float next to it."""
    return Fraction(str(number))


def _on_step(number: Real, start: Real, step: Real) -> bool:
    beyond = (_exact(number) - _exact(start)) % _exact(step)
    return min(beyond, _exact(step) - beyond) <= _exact(step) * TOLERANCE
