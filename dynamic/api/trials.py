"""Trying a system or one of its calls, over REST."""

from typing import Any

from rest_framework import serializers

from apikeys.api.serializers import StrictSerializer
from dynamic.models import Credential, System
from dynamic.models.credential import default_credential


class TryConnectionSerializer(StrictSerializer):
    """The system comes in the context."""

    credential = serializers.CharField(
        max_length=50, default="", allow_blank=True, help_text="By default the default one."
    )
    fresh_token = serializers.BooleanField(
        default=False, help_text="Obtain a new token first, where the system gives tokens."
    )

    def validate_credential(self, name: str) -> Credential | None:
        system: System = self.context["system"]
        credential = default_credential(system, name)
        if name and credential is None:
            raise serializers.ValidationError(f"{system} has no credential of this name.")
        return credential


class TryCallSerializer(TryConnectionSerializer):
    arguments = serializers.DictField(
        child=serializers.JSONField(allow_null=True),
        required=False,
        help_text="By default the call's sample arguments.",
    )


class TrialSerializer(serializers.Serializer[Any]):
    """For the OpenAPI description: what `dynamic.systems.trying.Trial` holds."""

    ok = serializers.BooleanField(help_text="An answer came, of a status that the call calls fine.")
    sentence = serializers.CharField()
    request = serializers.JSONField(allow_null=True)
    response = serializers.JSONField(allow_null=True)
    attempts = serializers.ListField(
        child=serializers.JSONField(), help_text="Where there was more than one."
    )
    ms = serializers.FloatField()
