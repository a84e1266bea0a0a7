"""Database triggers that note every change of what the workers remember.

A worker keeps verified keys and compiled pipes in memory and asks four times a second whose data
changed (`apikeys.watch`). The note is written by the database itself, in the transaction of the
change: the admin, a bulk update, a shell and another program are all seen, and there is nothing
that a later writer could forget to call.

Triggers are made anew after each `migrate`, since SQLite drops them with the table whenever a
migration rebuilds one; and they are dropped before, since it rebuilds no table that the trigger of
another one asks.
"""

from django.db import DEFAULT_DB_ALIAS, connections

TABLE = "apikeys_change"

# {row} is OLD or NEW.
WATCHED = {
    "accounts_user": "{row}.id",
    "apikeys_key": "{row}.owner_id",
    "apikeys_policy": "CAST(NULL AS bigint)",  # anybody's
}

# An update may move a row to another owner: then both are noted.
_EVENTS = {"INSERT": ["NEW"], "UPDATE": ["NEW", "OLD"], "DELETE": ["OLD"]}
_NOW = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "extract(epoch FROM clock_timestamp())::bigint",
}

_SQLITE = """
CREATE TRIGGER watch_{table}_{event} AFTER {event} ON {table} BEGIN
    INSERT INTO {changes} (owner_id, at)
    {owners};
END
"""

_POSTGRESQL = """
CREATE OR REPLACE FUNCTION watch_{table}_{event}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO {changes} (owner_id, at)
    {owners};
    RETURN NULL;
END
$body$;
CREATE OR REPLACE TRIGGER watch_{table}_{event} AFTER {event} ON {table}
FOR EACH ROW EXECUTE FUNCTION watch_{table}_{event}();
"""


def make_triggers(watched: dict[str, str], using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the triggers of these tables; `watched` maps a table to its owner's SQL expression."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if TABLE not in tables:
        return
    with connection.cursor() as cursor:
        for table in watched.keys() & tables:
            for event, rows in _EVENTS.items():
                now = _NOW[connection.vendor]
                words = {
                    "table": table,
                    "event": event.lower(),
                    "changes": TABLE,
                    "owners": " UNION ".join(
                        f"SELECT {watched[table].format(row=row)}, {now}" for row in rows
                    ),
                }
                if connection.vendor == "sqlite":
                    cursor.execute(f"DROP TRIGGER IF EXISTS watch_{table}_{event.lower()}")
                    cursor.execute(_SQLITE.format(**words))
                else:
                    cursor.execute(_POSTGRESQL.format(**words))


def drop_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Let SQLite rebuild tables; `make_triggers` brings the triggers back."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'watch_*'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
