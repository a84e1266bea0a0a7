"""A shell's text cut into commands and their words, as a POSIX shell and bash would.

Nothing is expanded: a `$NAME` stays as it is. Bash's `$'…'`, which browsers write when they copy
a request as cURL, is decoded.
"""

import re
from dataclasses import dataclass, field

from dynamic.importing.proposal import SourceInvalid

MAX_WORDS = 50_000

_TOKEN = re.compile(
    r"""
      (?P<continued>  \\\r?\n )
    | (?P<ansi>       \$'(?:[^'\\]|\\.)*+' )
    | (?P<single>     '[^']*+' )
    | (?P<double>     "(?:[^"\\]|\\.)*+" )
    | (?P<escaped>    \\. )
    | (?P<blank>      [^\S\n]+ )
    | (?P<redirect>   [0-9&]?>>?(?:&[0-9])? | < )
    | (?P<end>        \n | && | \|\|? | ; | &(?=\s|\Z) )
    | (?P<bare>       [^\s'"\\$;|&<>]+ | [$&] )
    | (?P<unclosed>   ['"\\] )
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_DOUBLE_QUOTES = re.compile(r'\\(?:\r?\n|([$`"\\]))')
_ANSI = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
_ANSI_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a"}


@dataclass(slots=True)
class Command:
    """One simple command, and the line where it begins, from 1."""

    line: int
    is_piped_to: bool = False
    words: list[str] = field(default_factory=list)


def split_commands(text: str) -> list[Command]:
    """Cut the text. Raises SourceInvalid where a quote is not closed, with its line."""
    return _Splitter(text).run()


class _Splitter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._line = 1
        self._commands: list[Command] = []
        self._current = Command(1)
        self._word: list[str] | None = None
        self._words = 0
        self._skips_word = False  # the next word is the file of a redirection

    def run(self) -> list[Command]:
        position = 0
        while position < len(self._text):
            if self._word is None and self._text[position] == "#":
                end = self._text.find("\n", position)
                position = len(self._text) if end < 0 else end
                continue
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise AssertionError("every character is a token")
            self._line += match.group().count("\n")
            self._take(match.lastgroup or "", match.group())
            position = match.end()
        self._end_command()
        return self._commands

    def _take(self, kind: str, lexeme: str) -> None:
        match kind:
            case "continued":
                return
            case "blank":
                self._end_word()
            case "end":
                self._end_command()
                self._current.is_piped_to = lexeme == "|"
            case "redirect":
                self._redirect(lexeme)
            case "unclosed":
                raise SourceInvalid(f"The quote {lexeme} in line {self._line} is not closed.")
            case _:
                if self._word is None:
                    self._word = []
                self._word.append(_unquoted(kind, lexeme))

    def _redirect(self, lexeme: str) -> None:
        # Inside a word it is what a documentation writes for a value: /orders/<id>.
        if self._word is not None:
            self._word.append(lexeme)
        else:
            self._skips_word = "&" not in lexeme[1:]

    def _end_word(self) -> None:
        if self._word is not None and not self._skips_word:
            self._words += 1
            if self._words > MAX_WORDS:
                raise SourceInvalid(f"It holds more than {MAX_WORDS:,} words. Paste a part of it.")
            self._current.words.append("".join(self._word))
        if self._word is not None:
            self._skips_word = False
        self._word = None

    def _end_command(self) -> None:
        self._end_word()
        self._skips_word = False
        if self._current.words:
            self._commands.append(self._current)
        self._current = Command(self._line)


def _unquoted(kind: str, lexeme: str) -> str:
    match kind:
        case "ansi":
            return _whole_characters(_ANSI.sub(_ansi_character, lexeme[2:-1]))
        case "single":
            return lexeme[1:-1]
        case "double":
            return _IN_DOUBLE_QUOTES.sub(lambda match: match[1] or "", lexeme[1:-1])
        case "escaped":
            return lexeme[1:]
    return lexeme


def _ansi_character(match: re.Match[str]) -> str:
    hexadecimal = match[1] or match[2] or match[3]
    if hexadecimal or match[4]:
        code = int(hexadecimal, 16) if hexadecimal else int(match[4], 8) & 0xFF
        return chr(code) if code < 0x110000 else "\ufffd"
    return _ANSI_LETTERS.get(match[5], match[5])


def _whole_characters(text: str) -> str:
    # Browsers write a character beyond U+FFFF as the two halves of its surrogate pair.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
