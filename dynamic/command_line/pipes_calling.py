"""`manage.py pipes call`: a call of a pipe from a shell, by the listener's own core.

No server need run, and no connection is made to one. The key comes from the environment, since a
command line can be read by every process of the machine.
"""

import asyncio
import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from apikeys.problems import new_request_id
from apikeys.store import StoreUnreachable
from dynamic.command_line.request import add_request, headers_of, query_of
from dynamic.describing.snippets import VARIABLE
from dynamic.listener.alone import answer_alone
from dynamic.listener.answer import Answer
from dynamic.listener.incoming import Call, body_too_large

_OF_NOTE = ("Run-Id", "Run-Status", "Location", "Request-Id")
_HERE = "127.0.0.1"  # the caller's address: a key may be limited to some


def add_call(parser: ArgumentParser) -> None:
    parser.add_argument("pipe", metavar="PIPE", help="its id")
    add_request(parser)
    parser.add_argument("--body", metavar="TEXT|@FILE|-", help="- is standard input")


def call(command: BaseCommand, options: dict[str, Any]) -> None:
    try:
        answer = asyncio.run(answer_alone(_call(options)))
    except (StoreUnreachable, ImproperlyConfigured) as error:
        raise CommandError(f"Keys cannot be checked: {error}") from None
    body = answer.body.decode("utf-8", "replace")
    if options["json"]:
        command.stdout.write(json.dumps(_facts(answer, body)))
    else:
        _tell(command, answer, body)
    if not 200 <= answer.status < 300:
        detail = answer.value.get("detail") if isinstance(answer.value, dict) else None
        raise CommandError(f"The answer is {answer.status}{f': {detail}' if detail else '.'}")


def _call(options: dict[str, Any]) -> Call:
    query, headers = query_of(options), headers_of(options)
    token = os.environ.get(VARIABLE, "").strip()
    if not token:
        sentence = f"Put a key that may call the pipe into the environment variable {VARIABLE}."
        raise CommandError(sentence, returncode=2)
    headers.append(("authorization", f"Bearer {token}"))
    body = _body(options)

    async def read_body(limit: int) -> bytes:
        if len(body) > limit:
            raise body_too_large(limit)
        return body

    return Call(
        request_id=new_request_id(),
        method=options["method"],
        pipe_id=options["pipe"],
        query=urlencode(query).encode("ascii"),
        headers=[(name.encode(), value.encode("latin-1", "replace")) for name, value in headers],
        address=_HERE,
        read_body=read_body,
    )


def _body(options: dict[str, Any]) -> bytes:
    given: str | None = options["body"]
    if given is None:
        return b""
    if options["method"] == "GET":
        raise CommandError("A GET has no body: use --query, or another --method.", returncode=2)
    if given == "-":
        return sys.stdin.buffer.read()
    if not given.startswith("@"):
        return os.fsencode(given)
    try:
        return Path(given[1:]).read_bytes()
    except OSError as error:
        raise CommandError(f"{given[1:]} cannot be read: {error}.") from None


def _facts(answer: Answer, body: str) -> dict[str, Any]:
    """The answer; its body is JSON where it says that it is, else text."""
    is_json = "json" in answer.content_type and bool(body)
    return {
        "status": answer.status,
        "headers": answer.all_headers(),
        "body": json.loads(body) if is_json else body,
    }


def _tell(command: BaseCommand, answer: Answer, body: str) -> None:
    """The body alone goes to standard output, so that it can be piped to what reads it."""
    command.stderr.write(f"HTTP {answer.status}")
    headers = answer.all_headers()
    for name in _OF_NOTE:
        if name in headers:
            command.stderr.write(f"{name}: {headers[name]}")
    command.stdout.write(body)
