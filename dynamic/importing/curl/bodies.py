"""What a curl command sends: --data in its kinds, --json, --form and --upload-file."""

from urllib.parse import parse_qsl, quote_plus

from dynamic.importing.arguments import literal, literals
from dynamic.importing.curl.options import Options
from dynamic.importing.drafts import Draft, media_type, row
from dynamic.importing.parsing import parse_json
from dynamic.importing.proposal import SourceInvalid

_DATA = ("data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json")
_FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 200


def set_body(draft: Draft, options: Options) -> None:
    """Give the draft the body that curl would send, and the kind its Content-Type tells."""
    if options.has("form", "form-string"):
        _set_multipart(draft, options)
    elif options.has(*_DATA):
        _set_data(draft, options)
    elif (path := options.last("upload-file")) is not None:
        draft.body_kind, draft.body = "text", str(draft.arguments.take("body"))
        draft.note(f"The content of the file {path[:60]} is the argument body.")
    draft.drop_implied_content_type()


def add_data_to_query(draft: Draft, options: Options) -> None:
    """Do as -G does: what would be the body goes into the query."""
    text, _ = _joined_data(draft, options)
    for key, value in parse_qsl(text, keep_blank_values=True):
        draft.add_query(key, literal(value))


def _set_data(draft: Draft, options: Options) -> None:
    if options.has("json"):
        given = {header["key"].lower() for header in draft.headers}
        for name in ("Content-Type", "Accept"):
            if name.lower() not in given:
                draft.add_header(name, "application/json")
    text, file = _joined_data(draft, options)
    kind = media_type(draft.content_type())
    if file:
        _set_file_body(draft, kind)
    elif kind.endswith(("/json", "+json")) or not kind:
        _set_json_or_form(draft, text, kind)
    elif kind == _FORM:
        _set_form(draft, text)
    else:
        draft.body_kind = "xml" if kind.endswith(("/xml", "+xml")) else "text"
        draft.body = literal(text)


def _set_file_body(draft: Draft, kind: str) -> None:
    body = str(draft.arguments.take("body"))
    if kind.endswith(("/json", "+json")):
        draft.body_kind = "json"
    else:
        draft.body_kind = "xml" if kind.endswith(("/xml", "+xml")) else "text"
    draft.body = body


def _set_json_or_form(draft: Draft, text: str, kind: str) -> None:
    try:
        data = parse_json(text)
    except SourceInvalid as error:
        if not kind:
            _set_form(draft, text)
            return
        draft.body_kind, draft.body = "text", literal(text)
        draft.note(f"The body is sent as text. {error}")
        return
    if kind or isinstance(data, dict | list):
        draft.set_json(literals(data))
        if not kind:
            draft.note("curl would send this body as a form; it is JSON, and is sent as JSON.")
    else:
        _set_form(draft, text)


def _set_form(draft: Draft, text: str) -> None:
    pieces = text.split("&")
    if len(pieces) > MOST_FIELDS or not all(piece.partition("=")[1] for piece in pieces):
        draft.body_kind, draft.body = "text", literal(text)
        if not draft.content_type() and text:
            draft.headers.append(row("Content-Type", _FORM))
        return
    draft.body_kind, draft.body = "form", []
    for key, value in parse_qsl(text, keep_blank_values=True):
        draft.add_form_row(key, literal(value))


def _joined_data(draft: Draft, options: Options) -> tuple[str, bool]:
    """Join the pieces as curl does; the second tells that one of them is a file."""
    text, has_file = "", False
    for name, value in options.given:
        if name not in _DATA:
            continue
        if name == "data-urlencode":
            piece, path = _url_encoded(value)
        else:
            is_file = value.startswith("@") and name != "data-raw"
            piece, path = ("", value[1:]) if is_file else (value, "")
        if path:
            has_file = True
            draft.note(f"The content of the file {path[:60]} is the argument body.")
        text += f"&{piece}" if text and name != "json" else piece
    return text, has_file


def _url_encoded(value: str) -> tuple[str, str]:
    """Encode as --data-urlencode does; the second is the path of a file, where it is one."""
    if "=" in value:
        name, _, content = value.partition("=")
        return (f"{name}={quote_plus(content)}" if name else quote_plus(content)), ""
    if "@" in value:
        return "", value.partition("@")[2]
    return quote_plus(value), ""


def _set_multipart(draft: Draft, options: Options) -> None:
    draft.body_kind, draft.body = "multipart", []
    for name, value in options.given:
        if name not in ("form", "form-string"):
            continue
        key, _, content = value.partition("=")
        if name == "form" and content.startswith(("@", "<")):
            _add_file(draft, key, content)
        else:
            plain = content if name == "form-string" else _without_type(content)
            draft.add_form_row(key, literal(plain))


def _without_type(content: str) -> str:
    before, separator, _ = content.partition(";type=")
    return before if separator else content


def _add_file(draft: Draft, key: str, content: str) -> None:
    """Add `@path;type=…;filename=…`, or `<path`, which is a field with a file's text."""
    path, *attributes = content[1:].split(";")
    named = dict(attribute.strip().partition("=")[::2] for attribute in attributes)
    argument = str(draft.arguments.take(key))
    draft.note(f"The content of the file {path[:60]} is the argument {argument[3:-3]}.")
    if content.startswith("<"):
        draft.add_form_row(key, argument)
        return
    filename = named.get("filename", path.replace("\\", "/").rpartition("/")[2]).strip('"')
    draft.add_file(key, argument, literal(filename), named.get("type", ""))
