"""What is kept of each step that was done, as JSON data, so that it need not be done again."""

from dataclasses import dataclass, field
from typing import Any

from dynamic.flow.exchange import Entry, NotSent, Response, UpstreamFailed


@dataclass(slots=True)
class Record:
    """One step, in the order in which they began. One that holds others is not ended while a run
    stands inside it."""

    label: str
    kind: str
    depth: int  # steps that it stands inside of
    entry: Entry | None = None  # of the trace, without the steps inside; None: not ended
    changed: dict[str, Any] = field(default_factory=dict)  # names that it set, as `scopes` has them
    gone: list[str] = field(default_factory=list)
    answer: Entry | None = None  # what came from outside of the run

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def answered(response: Response) -> Entry:
    return {
        "status": response.status_code,
        "headers": response.headers,
        "data": response.data,
        "ms": response.ms,
        "size": response.size,
        "pages": response.pages,
    }


def failed(error: UpstreamFailed) -> Entry:
    return {"failure": str(error), "ms": error.ms}


def response_again(answer: Entry) -> Response:
    """Raises UpstreamFailed where that is what came."""
    if "failure" in answer:
        raise UpstreamFailed(answer["failure"], ms=answer["ms"])
    return Response(
        answer["status"],
        answer["headers"],
        answer["data"],
        answer["ms"],
        answer["size"],
        answer["pages"],
    )


def mailed_again(answer: Entry) -> None:
    """Raises NotSent where the mail was not."""
    if answer["not_sent"]:
        raise NotSent(answer["not_sent"])
