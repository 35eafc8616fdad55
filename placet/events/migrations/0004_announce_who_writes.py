"""On PostgreSQL an event's number is no place in the order of commits: who took a smaller one may commit later.

So whoever is about to write events says so first, by a lock that nobody ever waits for and that ends with the transaction.
The lock's key is the last number given out before: all numbers of that transaction are larger. A reader who looks at the
locks, and then at the rows, knows below which number nothing can appear any more. SQLite has one writer at a time, and needs
nothing of this.
"""

from django.db import migrations

# The upper 16 bits of the key set these locks apart from any others.
ANNOUNCE = """
CREATE FUNCTION events_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Once for each transaction, and not once for each event: the table of locks is small. A savepoint that is rolled back
    -- takes back the lock and this mark alike.
    IF coalesce(current_setting('placet.announced', true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared(
            20556::bigint << 48
            | coalesce(pg_sequence_last_value(pg_get_serial_sequence(TG_RELID::regclass::text, 'id')), 0)
        );
        PERFORM set_config('placet.announced', 'yes', true);
        -- A process that froze between its event and its commit would hold up every reader: its transaction is ended.
        IF current_setting('idle_in_transaction_session_timeout') = '0' THEN
            PERFORM set_config('idle_in_transaction_session_timeout', '60s', true);
        END IF;
    END IF;
    RETURN NULL;
END
$$
"""
# Before the statement and not before each row: a row comes here with its number.
TRIGGER = """
CREATE TRIGGER events_announce BEFORE INSERT ON events_eventrow
    FOR EACH STATEMENT EXECUTE FUNCTION events_announce()
"""
# A transaction sees its own events: only the others' are outstanding for it.
ANNOUNCED = """
CREATE FUNCTION events_announced() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT min((classid::bigint << 32 | objid::bigint) & ((1::bigint << 48) - 1)) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = 20556 AND pid IS DISTINCT FROM pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
$$
"""
MADE = (ANNOUNCE, TRIGGER, ANNOUNCED)
UNMADE = (
    "DROP TRIGGER events_announce ON events_eventrow",
    "DROP FUNCTION events_announce",
    "DROP FUNCTION events_announced",
)


def _run(statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("events", "0003_read_by_agent")]

    operations = [migrations.RunPython(_run(MADE), _run(UNMADE))]
