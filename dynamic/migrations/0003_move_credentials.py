"""Move what systems and credentials held in columns of their own to where every type keeps it."""

from django.db import migrations


def move(apps, schema_editor):
    for system in apps.get_model("dynamic", "System").objects.all():
        if system.auth_type in ("header", "query"):
            system.auth = {"name": system.auth_name}
            if system.auth_prefix:
                system.auth["prefix"] = system.auth_prefix
            system.save()
    seen = set()
    for credential in apps.get_model("dynamic", "Credential").objects.order_by("id"):
        is_basic = credential.system.auth_type == "basic"
        credential.values = {"username": credential.username} if is_basic else {}
        credential.values["secret"] = credential.secret
        # Calls used the first one.
        credential.is_default = credential.system_id not in seen
        seen.add(credential.system_id)
        credential.save()


def move_back(apps, schema_editor):
    for system in apps.get_model("dynamic", "System").objects.all():
        system.auth_name = system.auth.get("name", "")
        system.auth_prefix = system.auth.get("prefix", "")
        system.save()
    for credential in apps.get_model("dynamic", "Credential").objects.all():
        credential.username = credential.values.get("username", "")
        credential.secret = credential.values.get("secret", "")
        credential.save()


class Migration(migrations.Migration):

    dependencies = [("dynamic", "0002_systems")]

    operations = [migrations.RunPython(move, move_back)]
