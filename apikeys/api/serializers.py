"""Keys as the REST API reads and writes them."""

from typing import Any

from rest_framework import serializers

from apikeys import grants
from apikeys.models import Key, KeyEvent, KeyUse
from apikeys.models.key import LONGEST_GRACE
from apikeys.models.policy import LONGEST_DAYS
from apikeys.pipes import callable_pipes


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a mistyped limit must not become none."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            raise serializers.ValidationError(
                {name: ["There is no such field."] for name in sorted(unknown)}
            )
        return super().to_internal_value(data)


class UseSerializer(serializers.ModelSerializer[KeyUse]):
    class Meta:
        model = KeyUse
        fields = ["count", "last_used_at", "address", "place", "addresses", "read_at", "write_at"]


class KeySerializer(serializers.ModelSerializer[Key]):
    """A key, without its secret, which nobody can read again."""

    state = serializers.CharField()
    prefix = serializers.CharField()
    ends_at = serializers.DateTimeField()
    predecessor = serializers.SlugRelatedField[Key](
        slug_field="public_id", read_only=True, allow_null=True
    )
    successor = serializers.SerializerMethodField()
    use = UseSerializer(default=None, allow_null=True)

    class Meta:
        model = Key
        fields = [
            "public_id",
            "prefix",
            "name",
            "kind",
            "state",
            "created_at",
            "expires_at",
            "grace_ends_at",
            "ends_at",
            "revoked_at",
            "predecessor",
            "successor",
            *Key.GRANTS,
            "use",
        ]

    def get_successor(self, key: Key) -> str | None:
        return key.successor.public_id if hasattr(key, "successor") else None


class NewKeySerializer(KeySerializer):
    """The one answer that holds a secret."""

    secret = serializers.CharField()

    class Meta(KeySerializer.Meta):
        fields = [*KeySerializer.Meta.fields, "secret"]


class EventSerializer(serializers.ModelSerializer[KeyEvent]):
    actor = serializers.SlugRelatedField[Any](slug_field="email", read_only=True, allow_null=True)
    key = serializers.CharField(source="public_id")

    class Meta:
        model = KeyEvent
        fields = [
            "id",
            "key",
            "kind",
            "at",
            "actor",
            "address",
            "reason",
            "request_id",
            "pipe_id",
            "times",
            "detail",
        ]


class PasswordField(serializers.CharField):
    def __init__(self) -> None:
        super().__init__(
            write_only=True,
            trim_whitespace=False,
            style={"input_type": "password"},
            help_text="Of your account.",
        )


class ChangeSerializer(StrictSerializer):
    """Name and limits, all optional, and the password. The owner comes in the context."""

    name = serializers.CharField(max_length=100, required=False)
    can_read = serializers.BooleanField(required=False)
    can_write = serializers.BooleanField(required=False)
    pipes = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        required=False,
        help_text="Ids of pipes that you may call; null for all of them, [] for none.",
    )
    networks = serializers.ListField(
        child=serializers.CharField(max_length=50),
        allow_null=True,
        required=False,
        help_text="CIDR networks; null for anywhere, [] for nowhere.",
    )
    query_allowed = serializers.BooleanField(required=False)
    calls_per_minute = serializers.IntegerField(
        min_value=1, max_value=1_000_000, allow_null=True, required=False
    )
    password = PasswordField()

    def validate_pipes(self, ids: list[str] | None) -> list[str] | None:
        if ids is None:
            return None
        pipes = callable_pipes(self.context["owner"]).filter(pk__in=ids)
        known = set(pipes.values_list("pk", flat=True))
        if unknown := [pipe for pipe in ids if pipe not in known]:
            raise serializers.ValidationError(
                f"You have no pipe {unknown[0]!r}, and may call none of this id."
            )
        return list(dict.fromkeys(ids))

    def validate_networks(self, written: list[str] | None) -> list[str] | None:
        if written is None:
            return None
        try:
            return grants.networks(written)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class CreateSerializer(ChangeSerializer):
    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=Key.Kind.choices, default=Key.Kind.ACCESS_TOKEN)
    days = serializers.IntegerField(
        min_value=0, max_value=LONGEST_DAYS, default=90, help_text="0 = never expires."
    )


class RotateSerializer(StrictSerializer):
    grace_hours = serializers.IntegerField(min_value=0, max_value=LONGEST_GRACE, default=24)
    days = serializers.IntegerField(
        min_value=0,
        max_value=LONGEST_DAYS,
        required=False,
        help_text="By default as long as the old key's.",
    )
    password = PasswordField()


class UnusedSerializer(serializers.Serializer[Any]):
    """Grants that no call has needed since `since`."""

    since = serializers.DateTimeField()
    calls = serializers.IntegerField()
    pipes = serializers.DictField(child=serializers.CharField(), help_text="id: name")
    read = serializers.BooleanField()
    write = serializers.BooleanField()


class RevokedSerializer(serializers.Serializer[Any]):
    revoked = serializers.IntegerField()


class LeakSerializer(StrictSerializer):
    credentials = serializers.ListField(
        child=serializers.CharField(max_length=2048, trim_whitespace=True, allow_blank=True),
        min_length=1,
        max_length=100,
    )
