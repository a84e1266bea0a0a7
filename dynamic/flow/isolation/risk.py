"""Which expressions run in a process of their own, and what of the scope they are given there.

Inside this process nothing can stop an expression whose value shares its parts: `{"a": $x, "b":
$x}`, forty times over, is small in the engine and endless when written out. It takes repetition to
build one: a function that calls itself, a `$reduce`, a transform, or many mentions of variables or
the context in one text. Expressions that could hold that, and those with a comment, which could
hide it, are run apart; and so are regular expressions with counted repetitions, which can be nested
to any size. All others can multiply what they are given by a small number only: among them those
whose functions stand right in a `$map` or one of its like, as most do.
"""

import re

from dynamic.flow.reading import FUNCTION_NAMES

_PARTS = r"""
      (?P<space>    \s+ )
    | (?P<call>     \$\w+ \s* \( )
    | (?P<variable> \$\$ | \$\w* )
    | (?P<word>     \w+ (?:\s*\()? )
    | (?P<sign>     . )
"""
_TEXT = r"""(?P<text> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | `[^`]*` )"""
_LITERAL = re.compile(_PARTS, re.VERBOSE | re.DOTALL)
_WITH_TEXTS = re.compile(f"{_TEXT} | {_PARTS}", re.VERBOSE | re.DOTALL)
_ONCE_AN_ITEM = frozenset({"map", "filter", "each", "sift", "single", "sort", "replace"})
_MOST_MENTIONS = 12  # of variables: what they multiply is at most 3 ** (12 / 3)
_COUNTED = re.compile(r"/[^/]*\{\s*\d[^/]*/")

# Calls that take the context for an argument that is left out.
_BY_CONTEXT = re.compile(r"\$\w+\s*\(\s*\)|\$(?:each|sift)\s*\(\s*(?:function|λ|\$)")
_WHOLE = re.compile(r"\$\$(?!\s*\.)|(?<!\$)\$(?![\w$])|(?:^|[^\w\s)\]}`])\s*[*%]")


def is_risky(text: str) -> bool:
    """Whether an expression has to run in a process of its own."""
    return "/*" in text or _COUNTED.search(text) is not None or _repeats(text)


def _repeats(text: str) -> bool:
    """Whether it may multiply something more than a few times."""
    # A quote in a regular expression begins no text: where there may be one, none is passed over.
    tokens = _LITERAL.finditer(text) if "/" in text else _WITH_TEXTS.finditer(text)
    mentions: list[str] = []
    called: set[str] = set()
    opened: list[str] = []  # parentheses: the function whose arguments are in each, or ""
    before = ""
    for match in tokens:
        lexeme = match.group()
        name = lexeme.rstrip("( \n\t")
        match match.lastgroup:
            case "space":
                continue
            case "sign" if lexeme == "|":
                return True
            case "word" if name in ("function", "λ"):
                if before != "," or not opened or opened[-1] not in _ONCE_AN_ITEM:
                    return True
            case "variable":
                mentions.append(name[1:])
            case "call":
                called.add(name[1:])
        if lexeme.endswith("("):
            opened.append(name[1:] if match.lastgroup == "call" else "")
        elif lexeme == ")" and opened:
            opened.pop()
        before = lexeme
    if "reduce" in called.union(mentions) or len(mentions) > _MOST_MENTIONS:
        return True
    return not called <= FUNCTION_NAMES or not called.isdisjoint(mentions)


def names_needed(text: str) -> frozenset[str] | None:
    """The names that the expression may read of its scope; None where it may read all of it."""
    if _WHOLE.search(text) or _BY_CONTEXT.search(text):
        return None
    # Those in texts, too: a few too many.
    return frozenset([*re.findall(r"\w+", text), *re.findall(r"`([^`]*)`", text)])
