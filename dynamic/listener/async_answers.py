"""What an asynchronous call came to: the answer that is fetched, or sent to its callback."""

from dynamic.listener.answer import Answer, Refusal, refused
from dynamic.listener.kept_answers import kept
from dynamic.models import AsyncCall, Run
from dynamic.models.run import CANCELLED, NOT_ENDED, UNKNOWN

LARGEST_ANSWER = 4 * 1024 * 1024  # bytes of body and headers, as JSON, that are kept


def answer_of(run: Run, call: AsyncCall | None, request_id: str) -> Answer | None:
    """The pipe's own answer, or a problem where there is none and will be none; None where the run
    has not ended.
    """
    if call is not None and run.status in NOT_ENDED:
        return None
    if call is not None and call.answer and (answer := kept(call.answer)):
        return answer
    answer = refused(_lack(run, call), request_id)
    answer.headers |= {"Run-Id": run.pk, "Run-Status": run.status}
    return answer


def _lack(run: Run, call: AsyncCall | None) -> Refusal:
    """Why a run that has ended has no answer to give."""
    if call is None:
        detail = "There is no answer: it was kept for 24 hours, or the call was not asynchronous."
        return Refusal(404, "no_answer_kept", detail)
    if call.answer:
        detail = f"The run has ended ({run.status}). Its answer was too large to be kept."
        return Refusal(409, "answer_too_large", detail)
    codes = {CANCELLED: "run_cancelled", UNKNOWN: "run_unknown"}
    return Refusal(409, codes.get(run.status, "no_answer_kept"), run.message)
