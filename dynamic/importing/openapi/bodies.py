"""Request bodies and answers of an OpenAPI operation."""

from typing import Any

from dynamic.importing.assembling import MAX_ROWS
from dynamic.importing.drafts import Draft, media_type, row
from dynamic.importing.openapi.schema_sample import Schemas
from dynamic.importing.samples import Allowance, sample_of
from dynamic.importing.shapes import as_line, as_mapping

_FORM = "application/x-www-form-urlencoded"
_FILES = ("binary", "base64")


class Bodies:
    """Gives one draft its body and the sample of its answer."""

    def __init__(self, draft: Draft, schemas: Schemas, allowance: Allowance) -> None:
        self._draft = draft
        self._schemas = schemas
        self._allowance = allowance

    def set_request(self, request_body: Any) -> None:
        content = as_mapping(self._schemas.resolve(request_body).get("content"))
        if not content:
            return
        kind, content_type = _preferred(content)
        media = as_mapping(content[content_type])
        if len(content) > 1:
            self._draft.note(f"The body could have other forms; this is {content_type[:60]}.")
        match kind:
            case "json":
                self._draft.set_json(self._json(media))
            case "form" | "multipart":
                self._draft.body_kind, self._draft.body = kind, []
                self._rows(media, kind)
            case _:
                self._draft.body_kind = kind
                self._draft.body = self._whole(media)
        if kind not in ("form", "multipart") and "*" not in content_type:
            self._draft.headers.append(row("Content-Type", as_line(content_type, 100)))
            self._draft.drop_implied_content_type()

    def set_response(self, responses: Any) -> None:
        """Take the first success that answers with JSON."""
        listed = as_mapping(responses)
        for status in sorted(key for key in listed if key[:1] == "2")[:MAX_ROWS]:
            content = as_mapping(self._schemas.resolve(listed[status]).get("content"))
            for content_type, media in content.items():
                if _is_json(content_type):
                    self._draft.sample_response = self._sample(as_mapping(media), "writeOnly")
                    return

    def _json(self, media: dict[str, Any]) -> Any:
        properties, samples = self._properties(media)
        if not properties:
            return self._whole(media)
        return {
            name: str(self._draft.arguments.take(name, "body", samples.get(name)))
            for name in properties
        }

    def _rows(self, media: dict[str, Any], kind: str) -> None:
        properties, samples = self._properties(media)
        if not properties:
            self._draft.note("The document does not tell the fields of the form.")
        for name, schema in list(properties.items())[:MAX_ROWS]:
            argument = self._draft.arguments.take(name, "body", samples.get(name))
            described = self._schemas.resolve(schema)
            label = as_line(described.get("description"), 100)
            if kind == "multipart" and self._is_file(described):
                self._draft.add_file(name, str(argument), name)
                self._draft.note(f"The content of the file {name[:60]} is an argument.")
            else:
                self._draft.add_form_row(name, str(argument), label)

    def _properties(self, media: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give the schema of each top-level property, and samples; those of an example if none."""
        properties, has_forms = self._schemas.properties(media.get("schema"), hidden="readOnly")
        samples = as_mapping(self._sample(media, "readOnly"))
        if has_forms and properties:
            self._draft.note("The body has several forms: give the arguments of one of them.")
        if not properties and self._schemas.type_of(media.get("schema")) in ("", "object"):
            properties = dict.fromkeys(samples)
        return properties, samples

    def _whole(self, media: dict[str, Any]) -> str:
        sample = self._sample(media, "readOnly")
        return str(self._draft.arguments.take("body", "body", sample))

    def _sample(self, media: dict[str, Any], hidden: str) -> Any:
        if media.get("example") is not None:
            return sample_of(media["example"], self._allowance)
        for example in as_mapping(media.get("examples")).values():
            value = self._schemas.resolve(example).get("value")
            if value is not None:
                return sample_of(value, self._allowance)
        return self._schemas.sample(media.get("schema"), hidden=hidden)

    def _is_file(self, schema: dict[str, Any]) -> bool:
        if self._schemas.type_of(schema) == "array":
            schema = self._schemas.resolve(schema.get("items"))
        return schema.get("format") in _FILES or isinstance(schema.get("contentMediaType"), str)


def _preferred(content: dict[str, Any]) -> tuple[Any, str]:
    """Choose the media type that is easiest to fill in: (kind of body, its key)."""
    kinds = {key: _kind_of(key) for key in list(content)[:MAX_ROWS]}
    for wanted in ("json", "form", "multipart", "xml", "text"):
        for key, kind in kinds.items():
            if kind == wanted:
                return kind, key
    raise AssertionError("each media type has a kind")


def _kind_of(content_type: str) -> str:
    kind = media_type(content_type[:200])
    if _is_json(kind) or kind == "*/*":
        return "json"
    if kind == _FORM:
        return "form"
    if kind.startswith("multipart/"):
        return "multipart"
    return "xml" if kind.endswith(("/xml", "+xml")) else "text"


def _is_json(content_type: str) -> bool:
    return media_type(content_type[:200]).endswith(("/json", "+json"))
