#!/usr/bin/env python3
"""Django's command line for Integrator."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
    if sys.argv[1:2] == ["quickstart"]:
        # The settings refuse to load without secrets, and making them is quickstart's first job.
        from django.core.exceptions import ImproperlyConfigured

        from integrator.firststart import prepare

        try:
            prepare()
        except ImproperlyConfigured as error:
            sys.exit(str(error))

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
