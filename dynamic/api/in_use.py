"""What flows name cannot go, nor get another name."""

from django.db.models import RestrictedError
from rest_framework.exceptions import APIException

from accounts.models import User
from dynamic.models import ApiCall, Flow
from dynamic.systems.mentions import flows_that_make, flows_that_run


class InUse(APIException):
    status_code = 409
    default_code = "in_use"


def require_unused(call: ApiCall, account: User) -> None:
    """Raise InUse where a flow's draft or published version makes this call.

    It names those that the account may see: whoever edits a shared system need not know all.
    """
    if flows := flows_that_make(call):
        seen = Flow.objects.visible_to(account).in_bulk([flow.pk for flow in flows])
        names = [flow.slug for flow in seen.values()]
        if others := len(flows) - len(seen):
            names.append(f"{others} that you do not see")
        listed = ", ".join(names)
        raise InUse(f"Flows make the call {call}: {listed}. Change them first, or turn it off.")


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
