"""The body of a Postman request, and its saved answers."""

from typing import Any

from dynamic.importing.drafts import Draft, media_type
from dynamic.importing.parsing import parse_json
from dynamic.importing.postman.urls import described
from dynamic.importing.postman.variables import Templates, fill_in
from dynamic.importing.proposal import SourceInvalid
from dynamic.importing.samples import Allowance, sample_of
from dynamic.importing.shapes import as_line, as_list, as_mapping, as_scalar_text

_CONTENT_TYPES = {
    "json": "application/json",
    "xml": "application/xml",
    "html": "text/html",
    "javascript": "application/javascript",
}


class Bodies:
    """Gives one draft its body and the sample of its answer."""

    def __init__(self, draft: Draft, templates: Templates, allowance: Allowance) -> None:
        self._draft = draft
        self._templates = templates
        self._allowance = allowance

    def set_request(self, raw_body: Any) -> None:
        body = as_mapping(raw_body)
        if body.get("disabled") is True:
            return
        match body.get("mode"):
            case "raw" if isinstance(body.get("raw"), str) and body["raw"].strip():
                options = as_mapping(as_mapping(body.get("options")).get("raw"))
                self._raw(body["raw"], as_line(options.get("language"), 20))
            case "urlencoded":
                self._form("form", body.get("urlencoded"))
            case "formdata":
                self._form("multipart", body.get("formdata"))
            case "file":
                self._draft.body_kind = "text"
                self._draft.body = str(self._draft.arguments.take("body", "body"))
                self._draft.note("The content of the file that is sent is the argument body.")
            case "graphql":
                self._graphql(as_mapping(body.get("graphql")))
        self._draft.drop_implied_content_type()

    def set_response(self, responses: Any) -> None:
        """Take the first saved success that is JSON."""
        for response in map(as_mapping, as_list(responses)):
            code, body = response.get("code"), response.get("body")
            if isinstance(code, int) and 200 <= code < 300 and isinstance(body, str) and body:
                try:
                    data = parse_json(body)
                except SourceInvalid:
                    continue
                self._draft.sample_response = sample_of(fill_in(data), self._allowance)
                return

    def _raw(self, text: str, language: str) -> None:
        if not self._draft.content_type() and language in _CONTENT_TYPES:
            self._draft.add_header("Content-Type", _CONTENT_TYPES[language])
        kind = media_type(self._draft.content_type())
        if kind.endswith(("/json", "+json")) or (not kind and text.lstrip()[:1] in "{["):
            try:
                self._draft.set_json(self._templates.json(text))
            except SourceInvalid as error:
                self._draft.note(f"The body is sent as text. {error}")
            else:
                return
        self._draft.body_kind = "xml" if kind.endswith(("/xml", "+xml")) else "text"
        self._draft.body = self._templates.text(text)

    def _form(self, kind: Any, fields: Any) -> None:
        self._draft.body_kind, self._draft.body = kind, []
        for field in map(as_mapping, as_list(fields)):
            key = field.get("key")
            if field.get("disabled") is True or not isinstance(key, str) or not key:
                continue
            if field.get("type") == "file" and kind == "multipart":
                self._file(key, field)
                continue
            value = as_scalar_text(field.get("value")) or ""
            label = as_line(described(field.get("description")), 100)
            self._draft.add_form_row(key, self._templates.text(value, key, "body"), label)

    def _file(self, key: str, field: dict[str, Any]) -> None:
        source = field.get("src")
        path = source[0] if isinstance(source, list) and source else source
        filename = path.replace("\\", "/").rpartition("/")[2] if isinstance(path, str) else key
        content = str(self._draft.arguments.take(key, "body"))
        content_type = as_line(field.get("contentType"), 100)
        self._draft.add_file(key, content, self._templates.text(filename[:200]), content_type)
        self._draft.note(f"The content of the file {key[:60]} is an argument.")

    def _graphql(self, graphql: dict[str, Any]) -> None:
        query = graphql.get("query")
        body = {"query": self._templates.text(query if isinstance(query, str) else "")}
        if name := as_line(graphql.get("operationName"), 200):
            body["operationName"] = self._templates.text(name)
        variables = graphql.get("variables")
        if isinstance(variables, str) and variables.strip():
            try:
                body["variables"] = self._templates.json(variables)
            except SourceInvalid as error:
                self._draft.note(f"The variables of the query were left out. {error}")
        self._draft.set_json(body)
