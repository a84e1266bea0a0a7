"""Find the `{{ … }}` in a text.

An expression ends at the first `}}` that closes nothing the expression itself opened: braces of
object constructors, string literals ("…", '…', with backslash escapes), quoted names (`…`),
comments (/* … */) and regular expression literals are passed over. As in the engine's own lexer,
a `/` begins a regular expression where a value is expected and divides where one has just ended,
and a regular expression ends at the next `/` without a backslash before it, even inside `[…]`.

To write two literal opening braces use the expression `{{ "{{" }}`.
"""

import re
from dataclasses import dataclass

from dynamic.flow.problems import ExpressionInvalid, Fault

MAX_SOURCE = 10_000  # characters of one expression

_TOKEN = re.compile(
    r"""
      (?P<space>   \s+ | /\*.*?\*/ )
    | (?P<value>   "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | `[^`]*` | \$\w* | \w+ )
    | (?P<unclosed>  ["'`] | /\* )
    | (?P<sign>    \*\* | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD_OPERATORS = {"and", "or", "in"}
_UNCLOSED = {"/*": "a comment", "`": "a quoted name"}


@dataclass(frozen=True, slots=True)
class Source:
    """One expression: its text, where its `{{` stands (from 1), the $names it mentions, and where
    its text begins.
    """

    text: str
    column: int
    names: frozenset[str]
    begins: int


def split(text: str) -> list[str | Source]:
    """Cut a text into literal pieces and expressions, in order; no piece is empty.

    Raises ExpressionInvalid when an expression is not closed, or longer than 10,000 characters.
    """
    pieces: list[str | Source] = []
    end = 0
    while (start := text.find("{{", end)) >= 0:
        if start > end:
            pieces.append(text[end:start])
        scan = _Scan(text, start)
        source = scan.run()
        pieces.append(source)
        end = scan.position
    if end < len(text):
        pieces.append(text[end:])
    return pieces


class _Scan:
    """Walks over one expression, token by token, to the `}}` that closes it."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.position = start + 2
        self.limit = min(len(text), start + 2 + MAX_SOURCE + 2)
        self.depth = 0
        self.after_value = False  # the last token ended a value, so `/` and `*` are operators
        self.names: set[str] = set()

    def run(self) -> Source:
        while self.position < self.limit:
            if self.depth == 0 and self.text.startswith("}}", self.position):
                return self._close()
            self._step()
        if self.limit < len(self.text):
            raise self._invalid(f"is longer than {MAX_SOURCE:,} characters, or not closed by }}}}")
        raise self._invalid("is not closed by }}")

    def _close(self) -> Source:
        inner = self.text[self.start + 2 : self.position]
        self.position += 2
        if len(inner) > MAX_SOURCE:
            raise self._invalid(f"is longer than {MAX_SOURCE:,} characters")
        if not inner.strip():
            raise self._invalid("is empty")
        begins = self.start + 3 + len(inner) - len(inner.lstrip())
        return Source(inner.strip(), self.start + 1, frozenset(self.names), begins)

    def _step(self) -> None:
        # A token that the limit cuts off is one that makes the expression too long.
        match = _TOKEN.match(self.text, self.position, self.limit)
        if match is None:
            raise AssertionError("every character is a token")
        lexeme = match.group()
        self.position = match.end()
        match match.lastgroup:
            case "unclosed":
                raise self._invalid(f"leaves {_UNCLOSED.get(lexeme, 'a text')} open")
            case "value":
                self._value(lexeme)
            case "sign":
                self._sign(lexeme)

    def _value(self, lexeme: str) -> None:
        if lexeme.startswith("$"):
            self.names.add(lexeme[1:])
        self.after_value = not (self.after_value and lexeme in _WORD_OPERATORS)

    def _sign(self, lexeme: str) -> None:
        if lexeme == "{":
            self.depth += 1
        elif lexeme == "}" and self.depth:
            self.depth -= 1
        elif lexeme == "/" and not self.after_value:
            self._regex()
            self.after_value = True
            return
        # Where a value is expected, `*`, `**` and `%` are values: wildcards and the parent.
        wildcard = lexeme in ("*", "**", "%") and not self.after_value
        self.after_value = wildcard or lexeme in (")", "]", "}")

    def _regex(self) -> None:
        while self.position < self.limit:
            character = self.text[self.position]
            self.position += 2 if character == "\\" else 1
            if character == "/":
                return
        raise self._invalid("leaves a regular expression open")

    def _invalid(self, reason: str) -> ExpressionInvalid:
        return ExpressionInvalid(Fault((), f"The expression at column {self.start + 1} {reason}."))
