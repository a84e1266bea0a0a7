"""Events name their key and its owner in words of their own; uses keep their address as a list."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def name_events(apps, schema_editor):
    Key = apps.get_model("apikeys", "Key")
    KeyEvent = apps.get_model("apikeys", "KeyEvent")
    key = Key.objects.filter(pk=OuterRef("key_id"))
    KeyEvent.objects.filter(public_id="", key__isnull=False).update(
        public_id=Subquery(key.values("public_id")), owner_id=Subquery(key.values("owner_id"))
    )


def list_addresses(apps, schema_editor):
    KeyUse = apps.get_model("apikeys", "KeyUse")
    KeyUse.objects.update(noted_at=F("last_used_at"))
    for use in KeyUse.objects.exclude(address=None):
        at = use.last_used_at.isoformat()
        use.addresses = [{"address": use.address, "place": use.place, "at": at}]
        use.save(update_fields=["addresses"])


class Migration(migrations.Migration):
    dependencies = [("apikeys", "0002_lifecycle")]

    operations = [
        migrations.RunPython(name_events, migrations.RunPython.noop),
        migrations.RunPython(list_addresses, migrations.RunPython.noop),
    ]
