"""A request as it is written in a shell: --method, --query and --header."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apikeys.presented import PARAMETERS, SECRET_HEADERS
from apikeys.scrub import scrub
from dynamic.flow.headers import is_token, is_value
from dynamic.models.pipe import METHODS

Pairs = list[tuple[str, str]]


def add_request(parser: ArgumentParser, of: str = "") -> None:
    """`of` begins the helps, where these are options of a part of the command."""
    parser.add_argument("--method", choices=METHODS, default="POST", help=f"{of}(POST)")
    for name, metavar in (("--query", "NAME=VALUE"), ("--header", "'NAME: VALUE'")):
        parser.add_argument(
            name, action="append", default=[], metavar=metavar, help=f"{of}repeatable"
        )


def query_of(options: dict[str, Any]) -> Pairs:
    """Raises CommandError with the return code 2, as all here."""
    pairs = [_split(text, "=", "--query") for text in options["query"]]
    for name, value in pairs:
        if name in PARAMETERS or scrub(value) != value:
            raise _no_secret()
    return pairs


def headers_of(options: dict[str, Any]) -> Pairs:
    """With their names in lower case."""
    pairs = [_split(text, ":", "--header") for text in options["header"]]
    headers = [(name.strip().lower(), value.strip()) for name, value in pairs]
    for name, value in headers:
        if not is_token(name) or not is_value(value) or not value.isascii():
            raise CommandError(f"--header: “{name}” cannot be sent so.", returncode=2)
        if name.encode() in SECRET_HEADERS or scrub(value) != value:
            raise _no_secret()
    return headers


def _split(text: str, at: str, option: str) -> tuple[str, str]:
    name, found, value = text.partition(at)
    if not found or not name:
        raise CommandError(f"{option}: write NAME{at}VALUE, not “{text}”.", returncode=2)
    return name, value


def _no_secret() -> CommandError:
    return CommandError(
        "A secret does not belong on a command line: now it stands in your shell's history. "
        "Replace it, and give `pipes call` the key in the environment variable INTEGRATOR_TOKEN.",
        returncode=2,
    )
