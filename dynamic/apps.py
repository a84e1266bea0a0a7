from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate


class DynamicConfig(AppConfig):
    name = "dynamic"

    def ready(self) -> None:
        from dynamic import checks  # noqa: F401  # it registers itself
        from dynamic.flow.engines.choice import choose

        choose(settings.JSONATA_ENGINE)
        post_migrate.connect(_make_triggers, sender=self)


def _make_triggers(using: str, **_: Any) -> None:
    from apikeys.changes import make_triggers
    from dynamic import changes

    make_triggers(changes.WATCHED, using)
