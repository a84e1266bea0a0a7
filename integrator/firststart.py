"""What `manage.py quickstart` needs before the settings can be read: secrets and demo mode."""

import os

from integrator import env, secretfiles
from integrator.paths import data_folder


def prepare() -> None:
    """Make missing secrets; switch on the demo, whose systems live on the server's own port."""
    secretfiles.make_missing(data_folder())
    port = env.integer("PORT", 2020, least=1, most=65535)
    os.environ.setdefault("INTEGRATOR_DEMO", "yes")
    os.environ.setdefault("INTEGRATOR_URL", f"http://127.0.0.1:{port}")
    os.environ.setdefault("INTEGRATOR_OUTBOUND_ALLOW", f"127.0.0.1:{port}")
