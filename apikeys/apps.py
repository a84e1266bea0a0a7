from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ApiKeysConfig(AppConfig):
    name = "apikeys"
    verbose_name = "API keys"

    def ready(self) -> None:
        from apikeys import checks, openapi  # noqa: F401  # both register themselves

        pre_migrate.connect(_drop_triggers, sender=self)
        post_migrate.connect(_make_triggers, sender=self)


def _drop_triggers(using: str, plan: list[Any], **_: Any) -> None:
    from apikeys import changes

    if plan:
        changes.drop_triggers(using)


def _make_triggers(using: str, **_: Any) -> None:
    from apikeys import append_only, changes

    changes.make_triggers(changes.WATCHED, using)
    append_only.make_trigger(using)
