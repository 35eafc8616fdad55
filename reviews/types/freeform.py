"""Freeform: the response is whatever JSON object a plugin, or a patient human, writes."""

from .generic import Generic


class Freeform(Generic):
    def __init__(self) -> None:
        super().__init__("freeform")
        self.label = "Freeform"

    @property
    def template(self) -> str:
        return "reviews/types/freeform.html"
