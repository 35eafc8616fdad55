"""Running totals: a count over a million rows is no way to answer a scrape."""

from django.db import models


class Total(models.Model):
    """A sum that only grows, under the name of its figure and label; or, under CURSOR, up to which event all were counted."""

    name = models.CharField(primary_key=True, max_length=100)
    # Seconds are added up too. Whole numbers are exact in it up to 2^53.
    value = models.FloatField(default=0.0)

    def __str__(self) -> str:
        return f"{self.name} = {self.value:g}"
