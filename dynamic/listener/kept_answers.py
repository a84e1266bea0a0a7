"""Answers as text, to be given once more: as they go out, so encrypted where they are kept."""

import orjson

from dynamic.listener.answer import Answer


def keep(answer: Answer, most: int) -> str:
    """The answer as JSON; of one that takes more than `most` bytes so, how its run ended."""
    text = orjson.dumps(
        {
            "status": answer.status,
            "content_type": answer.content_type,
            "headers": answer.headers,
            "body": answer.body.decode(),
        }
    )
    if len(text) > most:
        text = orjson.dumps({"run_status": answer.headers["Run-Status"]})
    return text.decode()


def kept(text: str) -> Answer | None:
    """The answer; None where it was too large."""
    held = orjson.loads(text)
    if "body" not in held:
        return None
    return Answer(held["status"], held["body"].encode(), held["content_type"], held["headers"])


def kept_status(text: str) -> str:
    """How the run ended whose answer was too large."""
    return str(orjson.loads(text)["run_status"])
