"""A database trigger that refuses to change what the audit says.

Only the references may be emptied, as Django does when a key or a person is deleted; rows go with
their owner, or when they are old (`KeyEvent.objects.purge`).
"""

from django.db import DEFAULT_DB_ALIAS, connections

_TABLE = "apikeys_keyevent"
_COLUMNS = "public_id, kind, at, address, reason, request_id, pipe_id, times, detail"

_SQLITE = [
    "DROP TRIGGER IF EXISTS append_only_{table}",
    """
    CREATE TRIGGER append_only_{table} BEFORE UPDATE OF {columns} ON {table} BEGIN
        SELECT RAISE(ABORT, '{table} is append-only');
    END
    """,
]
_POSTGRESQL = [
    """
    CREATE OR REPLACE FUNCTION append_only_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END
    $body$
    """,
    """
    CREATE OR REPLACE TRIGGER append_only_{table} BEFORE UPDATE OF {columns} ON {table}
    FOR EACH ROW EXECUTE FUNCTION append_only_{table}()
    """,
]


def make_trigger(using: str = DEFAULT_DB_ALIAS) -> None:
    connection = connections[using]
    if _TABLE not in connection.introspection.table_names():
        return
    statements = _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(table=_TABLE, columns=_COLUMNS))
