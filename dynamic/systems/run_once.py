"""Run a flow once, outside of a pipe, for whoever is writing it."""

import asyncio
from typing import Any

from dynamic.flow.outcome import Outcome
from dynamic.flow.runner import Input
from dynamic.outbound.delivery import Delivery, Journey
from dynamic.runs.redaction import Redactor, secrets_by_name
from dynamic.systems.runnable import Runnable
from dynamic.systems.trying import with_delivery


def run_once(runnable: Runnable, given: Input, seconds: float) -> dict[str, Any]:
    """The run as a pipe would make it, live: `{status, http_status, body, message, problems,
    data, trace}`, secrets masked. Not for a thread that has an event loop.
    """
    journey = Journey()
    outcome = with_delivery(lambda delivery: _outcome(runnable, given, seconds, journey, delivery))
    shown = {
        "status": outcome.status.value,
        "http_status": outcome.http_status,
        "body": outcome.body,
        "message": outcome.message,
        "problems": outcome.problems,
        "data": outcome.data,
        "trace": outcome.trace,
    }
    secrets = {*runnable.secrets, *journey.secrets, *secrets_by_name(shown)}
    clean: dict[str, Any] = Redactor(secrets).clean(shown)
    return clean


async def _outcome(
    runnable: Runnable, given: Input, seconds: float, journey: Journey, delivery: Delivery
) -> Outcome:
    journey.deadline = asyncio.get_running_loop().time() + seconds
    return await runnable.run(given, delivery, journey)
