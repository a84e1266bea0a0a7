"""What flows name cannot go, nor get another name."""

from django.db.models import RestrictedError
from rest_framework.exceptions import APIException

from dynamic.models import ApiCall, Flow
from dynamic.systems.mentions import flows_that_make, flows_that_run


class InUse(APIException):
    status_code = 409
    default_code = "in_use"


def require_unused(call: ApiCall) -> None:
    """Raise InUse, naming the flows whose draft or published version makes this call."""
    if flows := flows_that_make(call):
        names = ", ".join(flow.slug for flow in flows)
        raise InUse(f"Flows make the call {call}: {names}. Change them first, or turn it off.")


def delete_unused(flow: Flow) -> None:
    """Raise InUse, naming the flows or the pipes that run it."""
    if flows := flows_that_run(flow):
        names = ", ".join(other.slug for other in flows)
        raise InUse(f"Flows run the flow {flow.slug}: {names}. Change them first.")
    try:
        flow.delete()
    except RestrictedError:
        names = ", ".join(f"“{pipe}”" for pipe in flow.pipes.all())
        raise InUse(
            f"Pipes run the flow {flow.slug}: {names}. Delete them, or let them run another flow."
        ) from None
