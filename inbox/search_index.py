"""The trigram index behind the search: FTS5 on SQLite, pg_trgm on PostgreSQL. Migration 0003 makes both.

SQLite keeps it by triggers. Its rows are numbered by a table of their own: the messages' implicit rowid changes with VACUUM.
The index holds no text (it is in the message), so taking a row out again needs the old text, which a trigger has.
"""

import re
from typing import Any
from uuid import UUID

from django.db import connection

#: pg_trgm knows letters and digits only, and pads a word where it sees its end.
_TRIGRAM = re.compile(r"[^\W_]{3}|[^\W_]{2}[\W_]|[\W_][^\W_]{2}")

_FTS = """
    SELECT number.message_id FROM inbox_search
    JOIN inbox_search_number number ON number.id = inbox_search.rowid
    WHERE inbox_search MATCH %s ORDER BY inbox_search.rowid DESC LIMIT %s
"""
_GIN = "SELECT inbox_search(%s, %s)"

TRIGGERS = (
    """
    CREATE TRIGGER IF NOT EXISTS inbox_search_added AFTER INSERT ON inbox_message
    WHEN NEW.text IS NOT NULL BEGIN
        INSERT INTO inbox_search_number (message_id) VALUES (NEW.id);
        INSERT INTO inbox_search (rowid, text)
            SELECT id, NEW.text FROM inbox_search_number WHERE message_id = NEW.id;
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS inbox_search_removed AFTER DELETE ON inbox_message
    WHEN OLD.text IS NOT NULL BEGIN
        INSERT INTO inbox_search (inbox_search, rowid, text)
            SELECT 'delete', id, OLD.text FROM inbox_search_number WHERE message_id = OLD.id;
        DELETE FROM inbox_search_number WHERE message_id = OLD.id;
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS inbox_search_changed AFTER UPDATE OF text ON inbox_message
    WHEN OLD.text IS NOT NEW.text BEGIN
        INSERT INTO inbox_search (inbox_search, rowid, text)
            SELECT 'delete', id, OLD.text FROM inbox_search_number
            WHERE message_id = OLD.id AND OLD.text IS NOT NULL;
        INSERT OR IGNORE INTO inbox_search_number (message_id) VALUES (NEW.id);
        INSERT INTO inbox_search (rowid, text)
            SELECT id, NEW.text FROM inbox_search_number
            WHERE message_id = NEW.id AND NEW.text IS NOT NULL;
    END
    """,
)


def can_ask(words: str) -> bool:
    """Whether the term holds a trigram the index knows."""
    if connection.vendor == "sqlite":
        return len(words) >= 3
    return _TRIGRAM.search(words) is not None


def hands_out_newest() -> bool:
    """SQLite's numbers grow with time, so its matches can be taken from the newest end; PostgreSQL's come in no order."""
    return connection.vendor == "sqlite"


def ask(words: str, most: int) -> list[UUID]:
    """Up to `most` messages that contain the term."""
    if connection.vendor == "sqlite":
        return [
            UUID(found) for found in _column(_FTS, ['"' + words.replace('"', '""') + '"', most])
        ]
    return _column(_GIN, [f"%{_literal(words)}%", most])


def keep_triggers(**_: Any) -> None:
    """After every migrate: SQLite drops a table's triggers when a later migration rebuilds the table."""
    if connection.vendor == "sqlite" and "inbox_search" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            for trigger in TRIGGERS:
                cursor.execute(trigger)


def _column(sql: str, params: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _literal(words: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", words)
