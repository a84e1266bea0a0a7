"""The texts in which a secret could turn up again, so that whoever stores a trace can mask it."""

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus


def spellings(*secrets: str) -> tuple[str, ...]:
    """Every form in which a request, a URL or an echo of either could show one, longest first."""
    return longest_first(form for secret in secrets for form in _forms(secret))


def longest_first(forms: Iterable[str]) -> tuple[str, ...]:
    # A shorter form replaced first would leave the rest of a longer one standing.
    return tuple(sorted(set(forms) - {""}, key=lambda form: (-len(form), form)))


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _forms(secret: str) -> set[str]:
    percent, plus = quote(secret, safe=""), quote_plus(secret)
    ascii_json = json.dumps(secret)[1:-1]
    return {
        secret,
        percent,
        _lower_hex(percent),
        plus,
        _lower_hex(plus),
        quote(secret),  # "/" left as it is, as in a path
        ascii_json,
        ascii_json.replace("/", "\\/"),  # as PHP writes it
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        base64_of(secret),
        base64_of(secret).rstrip("="),
        base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
        quote(base64_of(secret), safe=""),
    }


def _lower_hex(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), text)
