"""What runs can be filtered by over REST: the same as on their page."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from dynamic.runs.filters import LONGEST_TEXT, NOT_WELL, STATUSES, Filters


class RunFilters(serializers.Serializer[Any]):
    pipe = serializers.CharField(required=False, max_length=24, help_text="A pipe's id.")
    key = serializers.CharField(required=False, max_length=10, help_text="A key's public id.")
    status = serializers.ChoiceField(
        choices=[NOT_WELL, *map(str, STATUSES)],
        required=False,
        help_text=f"`{NOT_WELL}`: all that did not end well.",
    )
    since = serializers.DateTimeField(required=False, help_text="Began at this time or later.")
    until = serializers.DateTimeField(required=False, help_text="Began before this time.")
    text = serializers.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        help_text="In the message; or how the id of the run or its Request-Id begins.",
    )


def filters_of(request: Request) -> Filters:
    """Raises ValidationError for a parameter that is not understood."""
    given = {name: value for name, value in request.query_params.items() if value}
    filters = RunFilters(data=given)
    filters.is_valid(raise_exception=True)
    return Filters(**filters.validated_data)
