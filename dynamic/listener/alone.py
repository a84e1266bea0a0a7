"""One call answered where no server is, for a command: checked and recorded as any other."""

from dynamic.listener.answer import Answer
from dynamic.listener.handle import handle
from dynamic.listener.incoming import Call
from dynamic.listener.runtime import Runtime


async def answer_alone(call: Call) -> Answer:
    """Returns when the run is recorded and what goes on after its answer has ended.

    Raises as `Runtime.open_for_calls`.
    """
    runtime = Runtime()
    try:
        await runtime.open_for_calls()
        return await handle(call, runtime)
    finally:
        await runtime.close()
