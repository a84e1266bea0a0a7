"""Input that the model itself checks, as the pages do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DataError, IntegrityError, models, transaction
from rest_framework import serializers
from rest_framework.settings import api_settings

from apikeys.api.serializers import StrictSerializer


class CheckedSerializer(StrictSerializer, serializers.ModelSerializer[Any]):
    """`full_clean()` decides. PATCH changes what is sent; PUT makes all else as if it were new,
    but for what cannot be read (`write_only`): nobody could send that back.
    """

    def create(self, validated_data: dict[str, Any]) -> Any:
        model: Any = self.Meta.model
        return self._saved(model(**validated_data))

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        for name, value in (self._initial_values() | validated_data).items():
            setattr(instance, name, value)
        return self._saved(instance)

    def _initial_values(self) -> dict[str, Any]:
        if self.partial:
            return {}
        model: Any = self.Meta.model
        return {
            str(field.source): model._meta.get_field(field.source).get_default()
            for field in self.fields.values()
            if not (field.read_only or field.write_only)
        }

    def _saved(self, instance: models.Model) -> models.Model:
        with saving():
            instance.full_clean()
            instance.save()
        return instance


@contextmanager
def saving() -> Iterator[None]:
    """All or nothing, and what the model or the database refuses as a ValidationError of DRF's."""
    try:
        with transaction.atomic():
            yield
    except ModelInvalid as error:
        faults = error.message_dict
        if NON_FIELD_ERRORS in faults:
            faults[api_settings.NON_FIELD_ERRORS_KEY] = faults.pop(NON_FIELD_ERRORS)
        raise serializers.ValidationError(faults) from None
    except IntegrityError:
        raise serializers.ValidationError(
            "Another request has just saved one of the same name."
        ) from None
    except DataError:  # PostgreSQL keeps no U+0000
        raise serializers.ValidationError("The character U+0000 cannot be kept.") from None


def require_free(serializer: Any, siblings: Any, name: str, value: str) -> None:
    """Raise ValidationError where another one of these has this value."""
    own = getattr(serializer.instance, "pk", None)
    if siblings.filter(**{name: value}).exclude(pk=own).exists():
        raise serializers.ValidationError(f"There is another one with this {name}.")
