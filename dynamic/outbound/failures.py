"""What went wrong, told as one of the failures a flow knows (dynamic/flow/exchange.py).

Sentences are made from the kind of an error and never from its text: aiohttp's texts repeat the
URL, whose query may hold a key, or bytes of the answer.

aiohttp 3.14.5 can raise, from `ClientSession.request` and while the body is read:

    ClientConnectorDNSError, ClientConnectorCertificateError,
    ClientConnectorSSLError, ClientConnectorError       while connecting
    ClientOSError, ServerDisconnectedError,
    ClientConnectionResetError, ClientConnectionError   the connection broke
    ClientPayloadError                                  the body is cut off or badly framed
    ClientResponseError                                 the head is not HTTP, or beyond its limits
    OSError, ssl.SSLError                               from the transport itself
    InvalidURL, NonHttpUrlClientError, ValueError       never: destination.py and headers.py are
                                                        stricter
"""

import os
import ssl

import aiohttp
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong

from dynamic.flow.exchange import Refused, TimedOut, Unreachable, Unusable, UpstreamFailed
from dynamic.outbound.connector import Attempt

HANDLED = (aiohttp.ClientError, OSError)


def timed_out(attempt: Attempt, *, connect: float) -> TimedOut:
    """The failure for an attempt whose deadline has passed."""
    if attempt.connected:
        return TimedOut(f"{attempt.host} did not finish its answer within {attempt.read:g} s.")
    return TimedOut(f"{attempt.host}: no connection within {connect:g} s.")


def explain(error: Exception, attempt: Attempt) -> UpstreamFailed:
    """The failure for any error listed in `HANDLED`."""
    host = attempt.host
    if isinstance(error, aiohttp.ClientConnectorError):
        return _not_connected(error, attempt)
    if isinstance(error, aiohttp.ClientPayloadError):
        return Unusable(f"{host} answered with a body that is cut off or badly framed.")
    if isinstance(error, aiohttp.ClientResponseError):
        return _not_http(error, host)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return Unreachable(f"{host} closed the connection without an answer.")
    return Unreachable(f"The connection to {host} broke{_reason(error)}.")


def _not_connected(error: aiohttp.ClientConnectorError, attempt: Attempt) -> UpstreamFailed:
    host = attempt.host
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unreachable(f"The name {host} could not be looked up, or stands for no address.")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Unreachable(
            f"{host} has a certificate that is not to be trusted{_reason(error.certificate_error)}."
        )
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return Unreachable(f"No secure connection (TLS) to {host}{_reason(error.os_error)}.")
    if attempt.refusals and not attempt.tried:
        return Refused(str(attempt.refusals[0]))
    return Unreachable(f"No connection to {host}{_reason(error.os_error)}.")


def _not_http(error: aiohttp.ClientResponseError, host: str) -> Unusable:
    # ClientResponseError <- HttpProcessingError <- what the parser found
    found = error.__cause__ and error.__cause__.__cause__
    if isinstance(found, LineTooLong):
        return Unusable(f"{host} answered with a status line or header that is too long.")
    if isinstance(found, BadHttpMessage) and "Too many headers" in found.message:
        return Unusable(f"{host} answered with too many headers.")
    return Unusable(f"{host} answered with something that is not HTTP.")


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f": {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f": {error.reason}" if error.reason else ""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return f": {os.strerror(error.errno)}"
    return ""
