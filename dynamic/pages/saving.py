"""Save what several forms of a page filled in together, or tell in them what is wrong."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from dynamic.models import Credential, System


def save(row: System | Credential, *parts: forms.Form, **elsewhere: forms.Form) -> bool:
    """Whether it is saved. A fault stands at its field, wherever that is among the parts.

    `elsewhere` tells by the model's field which form is about it without having it; the rest
    stands above the first part.
    """
    try:
        row.full_clean()
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        _show(error, parts, elsewhere)
    except IntegrityError:
        parts[0].add_error(None, "Another of this name was made just now. Choose another name.")
    else:
        return True
    return False


def _show(
    error: ValidationError, parts: tuple[forms.Form, ...], elsewhere: dict[str, forms.Form]
) -> None:
    for name, messages in error.message_dict.items():
        found = next((part for part in parts if name in part.fields), None)
        if found:
            found.add_error(name, messages)
        else:
            elsewhere.get(name, parts[0]).add_error(None, messages)
