"""WSGI: the whole site, where no ASGI server can run. Slower for the listener; see docs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
application = get_wsgi_application()
