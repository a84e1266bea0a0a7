"""The authentication of a Postman request, of its folders and of its collection."""

from typing import Any

from dynamic.importing.proposal import AuthHint
from dynamic.importing.shapes import as_line, as_list, as_mapping

_BY_TYPE: dict[str, AuthHint] = {"noauth": "none", "basic": "basic", "oauth1": "oauth1"}
_BY_GRANT: dict[str, AuthHint] = {
    "client_credentials": "oauth2_client",
    "password_credentials": "oauth2_password",
    "authorization_code": "oauth2_code",
    "authorization_code_with_pkce": "oauth2_code",
}

Hint = tuple[AuthHint, str]


def hint_of(auth: Any) -> Hint | None:
    """Tell how a system would do this; None where nothing is said, so that it is inherited.

    ("", "") for a kind of authentication that is not supported. No value of it is read but the
    name of a key and where it goes.
    """
    mapping = as_mapping(auth)
    kind = mapping.get("type")
    if not isinstance(kind, str):
        return None
    if kind == "bearer":
        return "header", "Authorization"
    if kind == "apikey":
        place: AuthHint = "query" if _attribute(mapping, "apikey", "in") == "query" else "header"
        return place, _attribute(mapping, "apikey", "key") or "X-Api-Key"
    if kind == "oauth2":
        grant = _attribute(mapping, "oauth2", "grant_type")
        return _BY_GRANT.get(grant, "oauth2_code" if not grant else ""), ""
    return _BY_TYPE.get(kind, ""), ""


def _attribute(auth: dict[str, Any], kind: str, name: str) -> str:
    for attribute in map(as_mapping, as_list(auth.get(kind))):
        if attribute.get("key") == name:
            return as_line(attribute.get("value"), 100)
    return as_line(as_mapping(auth.get(kind)).get(name), 100)
