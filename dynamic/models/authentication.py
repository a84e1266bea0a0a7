"""From a system's settings and a credential's values to the way its requests are authenticated."""

import hashlib
import re
from typing import TYPE_CHECKING, Any, cast

import orjson

from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.api_call import BodyKind
from dynamic.flow.exchange import Refused
from dynamic.flow.expressions import ExpressionInvalid, compile_template
from dynamic.flow.rows import read_rows
from dynamic.models import auth_types
from dynamic.outbound.auth import Authentication, Basic, NoAuth, Place, StaticKey
from dynamic.outbound.destination import destination
from dynamic.outbound.oauth1 import OAuth1
from dynamic.outbound.oauth2 import Grant, OAuth2
from dynamic.outbound.spellings import spellings
from dynamic.outbound.token_calls import TokenCalls
from dynamic.outbound.tokens import TokenAuth

if TYPE_CHECKING:  # they check themselves by this module
    from dynamic.models.credential import Credential
    from dynamic.models.system import System

_GRANTS: dict[str, Grant] = {
    "oauth2_client": "client_credentials",
    "oauth2_password": "password",
    "oauth2_code": "authorization_code",
}
_CALL_KEYS = {"name", "method", "url", "query", "headers", "body_kind", "body"}
MOST_TOKEN_CALLS = 10
_ABSOLUTE = re.compile(r"(https?://[^/]*)(.*)", re.DOTALL)


def authentication(system: "System", credential: "Credential | None") -> Authentication:
    """How calls of this system prove themselves. ValueError where that cannot work."""
    if not system.type.wants_credential:
        return NoAuth()
    if credential is None:
        raise ValueError(f"The system {system.slug} has no such credential; give it one.")
    return _built(system, _values(system, credential.values), credential)


def check_settings(system: "System") -> None:
    """Raise ValueError where the settings cannot work whatever the credential."""
    given = system.auth
    if not isinstance(given, dict):
        raise ValueError("The settings of the authentication are an object.")
    known = {entry.name for entry in system.type.settings}
    _require_written("The settings hold", given)
    if unknown := given.keys() - known:
        raise ValueError(f"{system.type.label} knows no setting {min(map(str, unknown))}.")
    for entry in system.type.settings:
        _check_entry(entry, given.get(entry.name, entry.initial))
    if system.type.wants_credential:
        example = {entry.name: "x" * 8 for entry in system.type.credential}
        _built(system, example, None)


def _check_entry(entry: auth_types.Entry, value: Any) -> None:
    if entry.required and not value:
        raise ValueError(f"{entry.label}: this is needed.")
    if entry.kind == "choice" and value not in [choice for choice, _ in entry.choices]:
        raise ValueError(
            f"{entry.label}: it is one of {', '.join(choice for choice, _ in entry.choices)}."
        )
    if entry.kind in {"text", "choice"} and not isinstance(value, str):
        raise ValueError(f"{entry.label}: write a text.")
    if entry.kind in {"rows", "calls"} and not isinstance(value, list | tuple):
        raise ValueError(f"{entry.label}: write a list.")


def setting(system: "System", name: str) -> Any:
    """A setting of the system's authentication, or what it is where it was not set."""
    initial = next(entry.initial for entry in system.type.settings if entry.name == name)
    return system.auth.get(name, initial)


def _values(system: "System", values: Any) -> dict[str, str]:
    """The credential's values. ValueError for one that is missing, unknown or no text."""
    if not isinstance(values, dict) or not all(
        isinstance(name, str) and isinstance(value, str) for name, value in values.items()
    ):
        raise ValueError("The values of a credential are an object of texts.")
    _require_written("The values hold", values)
    known = {entry.name: entry for entry in system.type.credential}
    if not system.type.any_values and (unknown := values.keys() - known):
        raise ValueError(f"{system.type.label} has no {min(unknown)}.")
    for entry in known.values():
        if entry.required and not values.get(entry.name):
            raise ValueError(f"{entry.label}: this is needed.")
    return {name: values.get(name, "") for name in known} | values


def _require_written(what: str, value: Any) -> None:
    """JSON as others write it says more than can be sent: half of a surrogate pair, 10^30."""
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise ValueError(f"{what} what cannot be sent: {error}.") from None


def _built(
    system: "System", values: dict[str, str], credential: "Credential | None"
) -> Authentication:
    try:
        return _build(system, values, credential)
    except ExpressionInvalid as error:
        raise ValueError(str(error)) from None


def _build(
    system: "System", values: dict[str, str], credential: "Credential | None"
) -> Authentication:
    match system.auth_type:
        case "header" | "query" as place:
            return StaticKey(
                place,
                setting(system, "name"),
                values["secret"],
                setting(system, "prefix"),
            )
        case "basic":
            return Basic(values["username"], values["secret"])
        case "oauth1":
            return OAuth1(
                **values,
                signature_method=setting(system, "signature_method"),
                realm=setting(system, "realm"),
            )
        case "token":
            return _dynamic_token(system, values, credential)
    return _oauth2(system, values, credential)


def _dynamic_token(
    system: "System", values: dict[str, str], credential: "Credential | None"
) -> TokenAuth:
    base_url = system.base_url or (credential.base_url if credential else "https://example.com")
    calls = setting(system, "calls")
    if not isinstance(calls, list | tuple) or not 1 <= len(calls) <= MOST_TOKEN_CALLS:
        raise ValueError(f"Token calls: give 1 to {MOST_TOKEN_CALLS} of them.")
    recipe = TokenCalls(
        system=system.slug,
        credential=credential.pk if credential else 0,
        made_for=_fingerprint(credential, values, base_url, calls, setting(system, "lifetime")),
        calls=tuple(_token_call(index, call, base_url) for index, call in enumerate(calls)),
        lifetime=compile_template(setting(system, "lifetime")),
        values=values,
    )
    place: Place = setting(system, "place")
    return TokenAuth(
        recipe,
        place,
        _carrier(place, setting(system, "name")),
        compile_template(setting(system, "value")),
        spellings(*values.values()),
    )


def _token_call(index: int, call: Any, base_url: str) -> tuple[str, CompiledCall]:
    """A token call: `url` is absolute, or relative to the base URL."""
    where = f"Token call {index + 1}"
    if not isinstance(call, dict) or call.keys() - _CALL_KEYS:
        raise ValueError(f"{where} is an object of {', '.join(sorted(_CALL_KEYS))}.")
    absolute = _ABSOLUTE.fullmatch(url := str(call.get("url", "")))
    kind = str(call.get("body_kind", "none"))
    try:
        compiled = CompiledCall.compile(
            name=where,
            method=str(call.get("method", "POST")),
            base_url=absolute[1] if absolute else base_url,
            path=absolute[2] if absolute else url,
            query=read_rows("query", call.get("query", [])),
            headers=read_rows("headers", call.get("headers", [])),
            body_kind=cast(BodyKind, kind),
            body=call.get("body"),
        )
    except ExpressionInvalid as error:
        raise ValueError(f"{where}: {error}") from None
    return str(call.get("name") or f"call{index + 1}"), compiled


def _oauth2(system: "System", values: dict[str, str], credential: "Credential | None") -> TokenAuth:
    names = ("token_url", "scope", "client_auth", "params")
    token_url, scope, client_auth, params = (setting(system, name) for name in names)
    grant = _GRANTS[system.auth_type]
    authorize_url = setting(system, "authorize_url") if grant == "authorization_code" else ""
    for url in filter(None, (token_url, authorize_url)):
        try:
            destination(url)
        except Refused as error:
            raise ValueError(str(error)) from None
    if client_auth == "basic" and (secret := values.get("client_secret")):
        Basic(values["client_id"], secret)  # can it be sent?
    pairs = tuple((row.key, row.value) for row in read_rows("params", list(params)))
    made_for = _fingerprint(credential, values, system.auth_type, token_url, scope, pairs)
    recipe = OAuth2(
        system=system.slug,
        credential=credential.pk if credential else 0,
        made_for=made_for,
        grant=grant,
        token_url=token_url,
        scope=scope,
        client_auth=client_auth,
        params=pairs,
        values=values,
        authorize_url=authorize_url,
    )
    prefix = setting(system, "prefix")
    if "{{" in prefix:
        raise ValueError("Prefix: it holds no expression.")
    return TokenAuth(
        recipe,
        "header",
        _carrier("header", setting(system, "name")),
        compile_template(prefix + "{{ token.access_token }}"),
        spellings(values.get("client_secret", ""), values.get("password", "")),
    )


def _carrier(place: Place, name: str) -> str:
    """The name of the header or parameter. ValueError where it cannot be one."""
    return StaticKey(place, name, "token").name


def _fingerprint(credential: "Credential | None", *parts: Any) -> str:
    of = [credential.pk if credential else 0, *parts]
    # Sorted: PostgreSQL gives the keys of an object back in an order of its own.
    return hashlib.sha256(orjson.dumps(of, option=orjson.OPT_SORT_KEYS)).hexdigest()
