"""No log line shows a credential, whoever wrote it."""

import logging

import pytest

from apikeys import tokens
from apikeys.keyring import SigningKeys
from apikeys.scrub import ScrubbingFormatter, scrub
from integrator.secretfiles import MAKERS

ACCESS = tokens.make_access_token("0123456789")
KEYS = SigningKeys.parse(MAKERS["INTEGRATOR_JWT_KEYS"]())
JWT = tokens.make_jwt(KEYS.signing, "0123456789", "1", tokens.new_secret(), 1, None)


@pytest.mark.parametrize(
    "token",
    [ACCESS, JWT, ACCESS[:40], JWT.rpartition(".")[0]],
    ids=["access token", "JWT", "half an access token", "JWT without signature"],
)
@pytest.mark.parametrize(
    "line",
    [
        "{}",
        '"GET /v1/dynamic/listener/abc?access_token={} HTTP/1.1" 200 12',
        "Authorization: Bearer {}",
        "{{'token': '{}'}}",
        "https://host/x?a=1&token={}#end",
    ],
)
def test_it_takes_our_tokens_out(line, token):
    assert token[15:] not in scrub(line.format(token))


def test_it_takes_out_what_stands_in_our_parameters_whatever_it_is():
    assert scrub("/x?token=guessed&b=2") == "/x?token=•••&b=2"


def test_it_leaves_other_text_alone():
    line = "GET /v1/dynamic/listener/0123456789abcdef?order_id=1001 took 12 ms"
    assert scrub(line) == line


def test_it_covers_arguments_and_tracebacks():
    try:
        raise ValueError(f"no such key: {ACCESS}")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, "got %s", (JWT,), (type(error), error, error.__traceback__)
        )
    line = ScrubbingFormatter().format(record)
    assert "ValueError" in line
    assert ACCESS[15:] not in line
    assert JWT not in line
