"""When a pipe's failed runs are told by mail, and to whom."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

MOST_ADDRESSES = 10
LONGEST_ADDRESS = 254  # characters
FEWEST_RUNS = 3  # that an hour must have for all of them to count


class AlertRule(models.TextChoices):
    OFF = "off", "Never"
    ANY = "any", "If a run fails"
    COMPLETE = "complete", "If all runs of an hour fail"


def fault_of_addresses(addresses: Any) -> str:
    """What is wrong with the field `alert_addresses`; empty where nothing is."""
    if (
        not isinstance(addresses, list)
        or len(addresses) > MOST_ADDRESSES
        or not all(isinstance(address, str) for address in addresses)
    ):
        return f"A list of at most {MOST_ADDRESSES} mail addresses."
    for address in addresses:
        if not _is_address(address):
            return f"“{address[:LONGEST_ADDRESS]}” is no mail address."
    return ""


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_ADDRESS
