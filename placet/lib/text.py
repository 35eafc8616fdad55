"""Looking for a piece of text in a column, upper and lower case alike on both databases."""

import re

from django.db import connection
from django.db.models import Q


def holds(field: str, words: str) -> Q:
    """`words` is literal: no wildcards. SQLite's LIKE folds ASCII only; its regular expressions are Python's."""
    if connection.vendor == "sqlite" and not words.isascii():
        return Q(**{f"{field}__iregex": re.escape(words)})
    return Q(**{f"{field}__icontains": words})
