"""XML into objects and back.

`<a id="1">x<b/><b/></a>` is `{"a": {"@id": "1", "#text": "x", "b": ["", ""]}}`: attributes with an
@, text beside them as #text, elements of one name as a list. An element that has only text is
that text. Names keep their prefix as written, and namespaces are attributes like others. Text of
nothing but white space is left out, as are comments.

A document type declaration is refused: with it go entities of one's own, the way to files of the
server, to other hosts and to a billion laughs (CWE-611, CWE-776).
"""

import re
from typing import Any, NoReturn
from xml.parsers import expat

from dynamic.flow.functions.arguments import (
    MAX_CHARACTERS,
    kind_of,
    quoted,
    text_of,
    written,
)

MAX_NODES = 50_000  # elements and attributes: 50 ms
MAX_DEPTH = 100  # of elements: twice as deep with the lists, JSON writers end at 250

# Names of XML 1.0, section 2.3, and the characters of section 2.2 that no document may hold.
_START = (
    r":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    r"\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(rf"[{_START}][{_START}.0-9\xb7\u0300-\u036f\u203f\u2040-]*")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def parse_xml(text: Any = None, *_: Any) -> dict[str, Any]:
    """Give an object with the root element's name as its only key."""
    source = text_of(text, "XML").removeprefix("\ufeff")
    try:
        return _Reader().read(source)
    except expat.ExpatError as error:
        raise ValueError(f"The XML is not well-formed: {error}") from None


def to_xml(value: Any = None, *_: Any) -> str:
    """Write an object with one key, the root element's name; without an XML declaration."""
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError("XML needs an object with one key, the name of the root element")
    [(name, content)] = value.items()
    if isinstance(content, list):
        raise ValueError("XML has one root element, not a list of them")
    writer = _Writer()
    writer.elements(name, content, depth=1)
    return "".join(writer.parts)


class _Reader:
    """Puts together the object while the parser walks over the document."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}
        self._open: list[tuple[dict[str, Any], list[str]]] = [(self._root, [])]
        self._count = 0

    def read(self, source: str) -> dict[str, Any]:
        parser = expat.ParserCreate()  # not kept: it holds the reader by its methods
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.Parse(source, True)
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1 + len(attributes)
        if self._count > MAX_NODES:
            raise ValueError(f"The XML has more than {MAX_NODES:,} elements and attributes")
        if len(self._open) > MAX_DEPTH:
            raise ValueError(f"The XML is more than {MAX_DEPTH} elements deep")
        self._open.append(({f"@{key}": value for key, value in attributes.items()}, []))

    def _end(self, name: str) -> None:
        content, texts = self._open.pop()
        text = "".join(texts)
        if text.isspace():
            text = ""
        if content and text:
            content["#text"] = text
        parent = self._open[-1][0]
        value = content or text
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]

    def _text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def _refuse(self, *_: Any) -> NoReturn:
        raise ValueError("The XML has a document type declaration (DOCTYPE), which is refused")


class _Writer:
    """Gathers the parts of a document, and counts what it becomes."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._size = self._count = 0

    def elements(self, name: str, value: Any, depth: int) -> None:
        self._count += 1
        if self._count > MAX_NODES:  # an empty list writes nothing, and still takes time
            raise ValueError(f"The XML would have more than {MAX_NODES:,} elements")
        if depth > MAX_DEPTH:
            raise ValueError(f"The XML would be more than {MAX_DEPTH} elements deep")
        for content in value if isinstance(value, list) else [value]:
            if isinstance(content, list):
                raise ValueError(f"The list {quoted(name)} holds a list, which XML cannot write")
            self._element(_checked_name(name), content, depth)

    def _element(self, name: str, content: Any, depth: int) -> None:
        members = content if isinstance(content, dict) else {"#text": content}
        self._add(f"<{name}")
        for key, value in members.items():
            if key.startswith("@"):
                self._add(f' {_checked_name(key[1:])}="{_scalar(key, value, _IN_ATTRIBUTE)}"')
        self._add(">")
        if "#text" in members:
            self._add(_scalar(name, members["#text"], _IN_TEXT))
        for key, value in members.items():
            if key != "#text" and not key.startswith("@"):
                self.elements(key, value, depth + 1)
        self._add(f"</{name}>")

    def _add(self, part: str) -> None:
        self._size += len(part)
        if self._size > MAX_CHARACTERS:
            raise ValueError(f"The XML would have more than {MAX_CHARACTERS:,} characters")
        self.parts.append(part)


def _scalar(name: str, value: Any, escapes: dict[int, str]) -> str:
    if isinstance(value, dict | list):
        raise ValueError(f"{quoted(name)} must be text in XML, not {kind_of(value)}")
    text = text_of(written(value), "text")
    if _FORBIDDEN.search(text):
        raise ValueError(f"{quoted(name)} holds a control character, which XML cannot write")
    return text.translate(escapes)


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{quoted(name)} is no name that XML can write")
    return name
