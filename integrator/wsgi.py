"""WSGI: the whole site, where no ASGI server can run. Slower for the listener; see docs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
application = get_wsgi_application()

from django.db import connections  # noqa: E402  # both want the applications to be set up

from apikeys import checks as key_checks  # noqa: E402
from dynamic import checks  # noqa: E402

key_checks.refuse_to_start()
checks.refuse_to_start()
connections.close_all()  # a server may fork now, and a connection cannot be shared
