"""The trigram index of the search: an FTS5 table kept by triggers on SQLite, a GIN index on PostgreSQL."""

from django.core.management.base import CommandError
from django.db import DatabaseError, migrations

from inbox.search_index import TRIGGERS

NO_FTS5 = (
    "Placet searches with SQLite's FTS5 and its trigram tokenizer (SQLite 3.34 or later), which this Python's SQLite "
    "lacks. Use a newer Python, or PostgreSQL (DATABASE_URL)."
)
NO_PG_TRGM = (
    "Placet searches with PostgreSQL's pg_trgm extension, and this database user may not create it. Have somebody who "
    "may run CREATE EXTENSION pg_trgm; in this database (it comes with postgresql-contrib), then migrate again."
)

SQLITE = (
    "CREATE TABLE inbox_search_number (id INTEGER PRIMARY KEY, message_id char(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE inbox_search USING fts5(text, content='', columnsize=0, tokenize='trigram')",
    *TRIGGERS,
    """
    INSERT INTO inbox_search_number (message_id)
        SELECT id FROM inbox_message WHERE text IS NOT NULL ORDER BY id
    """,
    """
    INSERT INTO inbox_search (rowid, text)
        SELECT number.id, message.text FROM inbox_search_number number
        JOIN inbox_message message ON message.id = number.message_id ORDER BY number.id
    """,
)
POSTGRESQL = (
    # New texts wait in a list that every search reads through: a short one keeps both posting and searching quick.
    """
    CREATE INDEX message_text_trigrams ON inbox_message
        USING gin (text gin_trgm_ops) WITH (gin_pending_list_limit = 256)
    """,
    # A function, for its SET: with a LIMIT the planner believes in scanning the table, which for a rare term reads all of it.
    """
    CREATE FUNCTION inbox_search(pattern text, most integer) RETURNS SETOF uuid
        LANGUAGE sql STABLE SET enable_seqscan = off
        AS 'SELECT id FROM inbox_message WHERE text ILIKE pattern LIMIT most'
    """,
)


def create(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor == "sqlite":
        _refuse_without_fts5(connection)
    else:
        _create_extension(connection)
    for statement in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def drop(apps, schema_editor):
    sqlite = [f"DROP TRIGGER IF EXISTS inbox_search_{what}" for what in ("added", "removed", "changed")]
    sqlite += ["DROP TABLE inbox_search", "DROP TABLE inbox_search_number"]
    postgresql = ["DROP FUNCTION inbox_search", "DROP INDEX message_text_trigrams"]
    for statement in sqlite if schema_editor.connection.vendor == "sqlite" else postgresql:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(statement)


def _refuse_without_fts5(connection):
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE VIRTUAL TABLE inbox_search_try USING fts5(text, tokenize='trigram')")
            cursor.execute("DROP TABLE inbox_search_try")
    except DatabaseError as refusal:
        raise CommandError(NO_FTS5) from refusal


def _create_extension(connection):
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError as refusal:
        raise CommandError(NO_PG_TRGM) from refusal


class Migration(migrations.Migration):
    dependencies = [("inbox", "0002_read_from_indexes")]

    operations = [migrations.RunPython(create, drop)]
