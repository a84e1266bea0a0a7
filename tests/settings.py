"""The project's settings, as the tests run them: a data folder of their own, thrown away after.

DATABASE_URL chooses the database, as everywhere; without it, SQLite.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from integrator import secretfiles

_data = Path(tempfile.mkdtemp(prefix="integrator-tests-"))
atexit.register(shutil.rmtree, _data, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("INTEGRATOR_")]:
    if _name != "INTEGRATOR_REQUIRE_BROWSER":
        del os.environ[_name]
os.environ["INTEGRATOR_DATA"] = str(_data)
os.environ["INTEGRATOR_OUTBOUND_ALLOW"] = "127.0.0.1"
secretfiles.make_missing(_data)
(_data / "static").mkdir()  # collectstatic makes it elsewhere; its absence is a warning

from integrator.settings import *  # noqa: E402, F403
from integrator.settings import DATABASES, STORAGES  # noqa: E402

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
# Real Argon2, at the least cost it takes: 200 ms a password would be most of the suite's time.
PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]
# The manifest wants collectstatic first.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# The pool would keep connections to a test database that is about to be dropped.
_options = DATABASES["default"].get("OPTIONS", {})
if _options.pop("pool", None):
    # Tables are emptied after each test, while a server may still be writing a run. Where the two
    # wait for each other PostgreSQL ends the one that asks first: let it be the server, which
    # tries again. And no commit needs to outlive a loss of power, here and in the servers.
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"
    _options["options"] = f"{os.environ['PGOPTIONS']} -c deadlock_timeout=20s"
