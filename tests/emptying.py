"""Empties the tables after a test that has committed.

Django's own way, `flush`, truncates each table and makes content types, permissions and triggers
anew: most of the time of a test on PostgreSQL. These few rows are deleted in a fraction of it.
"""

import os
import time
from functools import cache
from pathlib import Path

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from apikeys.models import Change
from dynamic.runs.unrecorded import owed

# Made by `migrate`, and the same for all tests.
KEPT = {ContentType, Permission}


@cache
def tables() -> list[str]:
    models = {
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    # Triggers note in `Change` what is deleted, so it comes last.
    others = sorted(model._meta.db_table for model in models - KEPT - {Change})
    return [connection.ops.quote_name(table) for table in [*others, Change._meta.db_table]]


def empty_tables(_test_case) -> None:
    """In the place of `TransactionTestCase._fixture_teardown`.

    In any order: a transaction checks references at its end.
    """
    wait_for_runs()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A server may still be writing a run, whose pipe would then be missing.
            cursor.execute(f"LOCK TABLE {', '.join(tables())} IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute(";".join(f"DELETE FROM {table}" for table in tables()))  # noqa: S608
        else:
            for table in tables():
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608


def wait_for_runs(at_most=3.0) -> None:
    """Until the servers have stored the runs whose callers have been answered: the next test is
    not to find them in its tables. They count them in files (`dynamic.runs.unrecorded`).
    """
    until = time.monotonic() + at_most
    while any(map(_owes, Path(os.environ["INTEGRATOR_DATA"], "recorders").glob("*.count"))):
        if time.monotonic() > until:
            break
        time.sleep(0.005)


def _owes(file: Path) -> bool:
    pid = file.name.split("-")[0]
    try:
        counts = file.read_bytes()
    except FileNotFoundError:
        return False
    return owed(counts) > 0 and Path("/proc", pid).exists()
