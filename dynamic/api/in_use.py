"""What flows name cannot go, nor get another name."""

from rest_framework.exceptions import APIException

from dynamic.models import ApiCall
from dynamic.systems.mentions import flows_that_make


class InUse(APIException):
    status_code = 409
    default_code = "in_use"


def require_unused(call: ApiCall) -> None:
    """Raise InUse, naming the flows whose draft or published version makes this call."""
    if flows := flows_that_make(call):
        names = ", ".join(flow.slug for flow in flows)
        raise InUse(f"Flows make the call {call}: {names}. Change them first, or turn it off.")
