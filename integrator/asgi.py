"""ASGI: the listener's own door for `/v1/dynamic/listener/`, Django for all the rest.

uvicorn integrator.asgi:application --no-access-log
"""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
_site = get_asgi_application()

# Only now: the door imports models, which need Django set up.
from dynamic.listener.door import Door  # noqa: E402

application = Door(_site)
