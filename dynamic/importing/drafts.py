"""One request while it is put together from a source."""

from dataclasses import dataclass, field
from typing import Any

from dynamic.flow.api_call import BodyKind
from dynamic.flow.headers import CONNECTION_HEADERS, is_token
from dynamic.importing.arguments import Arguments
from dynamic.importing.credentials import (
    hint_of_header,
    is_literal_secret,
    is_secret,
    opens_a_system,
    secrets_to_arguments,
)
from dynamic.importing.proposal import AuthHint, Row

MOST_NOTES = 20
_BROWSERS = ("sec-", "dnt", "priority", "upgrade-insecure-requests", "postman-token")
_IMPLIED_TYPES: dict[str, set[str]] = {
    "json": {"application/json"},
    "form": {"application/x-www-form-urlencoded"},
    "multipart": {"multipart/form-data"},
    "text": {"text/plain"},
    "xml": {"application/xml"},
}


def row(key: str, value: str, label: str = "") -> Row:
    return {"label": label, "key": key, "value": value}


def media_type(content_type: str) -> str:
    """Give a Content-Type without its parameters, in small letters."""
    return content_type.partition(";")[0].strip().lower()


@dataclass(slots=True)
class Draft:
    """`base` is the absolute URL that `path` is relative to, or "" when the source has none."""

    method: str = "GET"
    base: str = ""
    path: str = "/"
    name: str = ""
    slug: str = ""  # what to make the slug of; the name, when empty
    description: str = ""
    query: list[Row] = field(default_factory=list)
    headers: list[Row] = field(default_factory=list)
    body_kind: BodyKind = "none"
    body: Any = None
    arguments: Arguments = field(default_factory=Arguments)
    sample_response: Any = None
    auth_hint: AuthHint = ""
    auth_name: str = ""
    skip_auth: bool = False
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(sentence)

    def hint(self, auth: AuthHint, name: str = "") -> None:
        if not self.auth_hint:
            self.auth_hint, self.auth_name = auth, name

    def add_query(self, key: str, value: str, label: str = "") -> None:
        """Add a query row; `value` is a template. A credential becomes a note."""
        if opens_a_system(key, value):
            self.hint("query", key)
            self.note(f"The parameter {key[:60]} was left out: give the system a credential.")
        elif key:
            self.query.append(row(key, self._without_secret(key, value), label))

    def add_header(self, name: str, value: str, label: str = "") -> None:
        """Add a header row; `value` is a template. What is not a call's to send is left out."""
        if not self._may_send(name):
            return
        if opens_a_system(name, value):
            self._leave_out_header(name, value)
        else:
            self.headers.append(row(name, self._without_secret(name, value), label))

    def add_parameter(self, place: str, name: str, value: str, label: str = "") -> None:
        """Add a row of "query" or "header" whose value is an argument, so it holds no secret."""
        if place == "query":
            self.query.append(row(name, value, label))
        elif self._may_send(name):
            self.headers.append(row(name, value, label))

    def add_form_row(self, key: str, value: str, label: str = "") -> None:
        """Add a row to a form or multipart body; `value` is a template."""
        if key:
            self.body.append(row(key, self._without_secret(key, value), label))

    def add_file(self, key: str, content: str, filename: str, content_type: str = "") -> None:
        """Add a file to a multipart body; content and filename are templates."""
        if key:
            file = {"filename": filename or key, "content_type": content_type}
            self.body.append(row(key, content) | file)

    def leave_out_key(self, place: AuthHint, name: str) -> None:
        """Take out a "header" or "query" row that carries the system's static key."""
        rows = self.headers if place == "header" else self.query
        kept = [r for r in rows if r["key"].lower() != name.lower()]
        if len(kept) < len(rows):
            rows[:] = kept
            self.hint(place, name)
            self.note(f"The {place} {name[:60]} was left out: give the system a credential.")

    def set_json(self, body: Any) -> None:
        """Make `body`, whose strings are templates, the JSON body."""
        hidden: list[str] = []
        self.body_kind, self.body = "json", secrets_to_arguments(body, self.arguments, hidden)
        for key in hidden[:MOST_NOTES]:
            self._note_secret(key)

    def content_type(self) -> str:
        """Give the Content-Type that a header row sets, or nothing."""
        values = (r["value"] for r in self.headers if r["key"].lower() == "content-type")
        return next(values, "")

    def drop_implied_content_type(self) -> None:
        """Leave out the Content-Type that the kind of body implies.

        With it goes the boundary of a multipart body, which would be that of other bytes.
        """
        implied = _IMPLIED_TYPES.get(self.body_kind, set())
        if media_type(self.content_type()) in implied:
            self.headers = [r for r in self.headers if r["key"].lower() != "content-type"]

    def _may_send(self, name: str) -> bool:
        if name.lower() in CONNECTION_HEADERS or name.lower() == "accept-encoding":
            return False
        if not is_token(name):
            self.note(f"{name[:60]!r} is not the name of a header, and was left out.")
            return False
        if name.lower().startswith(_BROWSERS):
            self.note("Headers that only a browser sends were left out.")
            return False
        return True

    def _leave_out_header(self, name: str, value: str) -> None:
        hint, key = hint_of_header(name, value)
        if hint:
            self.hint(hint, key)
            self.note(f"The {name} header was left out: give the system a credential.")
        elif name.lower().startswith("cookie"):
            self.note("Cookies were left out: a call has none.")
        else:
            self.note(f"The {name} header was left out: this kind of login is not supported.")

    def _without_secret(self, key: str, value: str) -> str:
        if not (is_secret(key) and is_literal_secret(value)):
            return value
        self._note_secret(key)
        return str(self.arguments.take(key))

    def _note_secret(self, key: str) -> None:
        self.note(f"The value of {key[:60]} was not kept: it is an argument now.")
