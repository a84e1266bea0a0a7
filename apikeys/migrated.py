"""Whether a migration has been applied: checks run before `migrate`, too."""

from django.db import connections, models


def has_column(model: type[models.Model], column: str) -> bool:
    connection, table = connections["default"], model._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return False
        # Not `get_table_description`, which on SQLite parses how the table was made.
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")  # noqa: S608
        return column in {name for name, *_ in cursor.description}
