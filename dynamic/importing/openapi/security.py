"""Security schemes of an OpenAPI document: how a system would prove itself."""

from typing import Any

from dynamic.importing.credentials import opens_a_system
from dynamic.importing.drafts import Draft
from dynamic.importing.openapi.references import References
from dynamic.importing.proposal import AuthHint, Row
from dynamic.importing.shapes import as_line, as_list, as_mapping

_FLOWS: dict[str, AuthHint] = {
    "clientCredentials": "oauth2_client",
    "authorizationCode": "oauth2_code",
    "password": "oauth2_password",
}


class Security:
    def __init__(self, document: dict[str, Any], references: References) -> None:
        components = references.resolve(document.get("components"))
        schemes = references.resolve(components.get("securitySchemes"))
        self._hints = {
            name: _hint(references.resolve(scheme)) for name, scheme in list(schemes.items())[:50]
        }
        self._default = document.get("security")
        self._static = {
            (hint, key.lower()) for hint, key in self._hints.values() if hint in ("header", "query")
        }

    def overall(self) -> tuple[AuthHint, str]:
        """What the document says of all its operations, or else of any."""
        if isinstance(self._default, list) and not self._default:
            return "none", ""
        known = [self._hint_of(requirement) for requirement in as_list(self._default)[:50]]
        return next((hint for hint in [*known, *self._hints.values()] if hint[0]), ("", ""))

    def apply(self, draft: Draft, requirements: Any) -> None:
        """Tell the draft what its operation requires: `requirements` is its `security`."""
        if isinstance(requirements, list) and not requirements:
            draft.skip_auth = True
            return
        chosen = as_list(requirements if requirements is not None else self._default)[:50]
        hints = [self._hint_of(requirement) for requirement in chosen if requirement]
        if hints and not any(hint for hint, _ in hints):
            names = ", ".join(as_line(name, 40) for name in list(as_mapping(chosen[0]))[:5])
            draft.note(f"Its authentication ({names}) is not supported.")
        elif hints and self.overall() not in hints:
            draft.note("It takes another authentication than the rest of the document.")

    def leave_out_keys(self, draft: Draft) -> None:
        """Leave out parameters that are in truth the key of the system.

        Where the document has no security schemes, their names tell.
        """
        places: tuple[tuple[AuthHint, list[Row]], ...] = (
            ("header", draft.headers),
            ("query", draft.query),
        )
        for place, rows in places:
            for key in [r["key"] for r in rows if self._is_key(place, r["key"])]:
                draft.leave_out_key(place, key)

    def _is_key(self, place: str, name: str) -> bool:
        if self._hints:
            return (place, name.lower()) in self._static
        return opens_a_system(name)

    def _hint_of(self, requirement: Any) -> tuple[AuthHint, str]:
        names = list(as_mapping(requirement))[:10]
        hints = (self._hints.get(name, ("", "")) for name in names)
        return next((hint for hint in hints if hint[0]), ("", ""))


def _hint(scheme: dict[str, Any]) -> tuple[AuthHint, str]:
    """Give the type of authentication and the name that a static key goes by."""
    name = as_line(scheme.get("name"), 100)
    match scheme.get("type"), scheme.get("in"), str(scheme.get("scheme")).lower():
        case "apiKey", ("header" | "query") as place, _ if name:
            return ("header" if place == "header" else "query"), name
        case "http", _, "basic":
            return "basic", ""
        case "http", _, "bearer":
            return "header", "Authorization"
        case "oauth2", _, _:
            flows = as_mapping(scheme.get("flows"))
            return next((hint for flow, hint in _FLOWS.items() if flow in flows), ""), ""
    return "", ""
