"""Flow documents for tests of editing: all ways of writing, with a comment wherever one may be.

Every comment is there once, and it is known which step it belongs to.
"""

import json
import random

from hypothesis import strategies as st

from dynamic.flow.document import parse

WORDS = ["a", "no", "2026-01-01", "{{ a }}", '{{ "x" }}', "it's", "", "é 😀", "a: b"]
TEXTS = st.sampled_from([*WORDS, "a\nb", "a\n\nb\n", "  a\nb", "a\n\n", "{{ (\n  a;\n\n  b\n) }}"])
VALUES = TEXTS | st.sampled_from(
    [
        *[None, True, -5, 700, 1.5, [], {}, [1, "a"], ["a\nb", [[], [2]]]],
        {"no": "no", "é 😀": None},
        {"a": {"b": "a\nb", "c": [{"d": 1, "e": "{{ a }}"}, {}]}, "": ""},
        [{"f": "x " * 60}],
    ]
)
NAMES = st.sampled_from(["a", "b", "order", "order_2"])
MAPPINGS = st.dictionaries(NAMES, VALUES, max_size=3)
SIMPLE = st.one_of(
    st.fixed_dictionaries(
        {"call": NAMES, "api": st.just("shop/get")}, optional={"with": MAPPINGS, "extra": VALUES}
    ),
    st.builds(lambda values: {"set": values}, MAPPINGS),
    st.builds(lambda value: {"log": value}, TEXTS),
    st.fixed_dictionaries({"return": st.none() | MAPPINGS}, optional={"disabled": st.booleans()}),
    st.sampled_from([{"break": None}, "no step", None]),
)


def _lists(inner):
    return st.lists(inner, min_size=1, max_size=3)


def _nested(inner):
    more = st.fixed_dictionaries({"if": TEXTS, "then": _lists(inner)})
    return st.one_of(
        st.fixed_dictionaries(
            {"if": TEXTS, "then": _lists(inner)},
            optional={"elif": st.lists(more, min_size=1, max_size=2), "else": _lists(inner)},
        ),
        st.fixed_dictionaries({"try": _lists(inner), "catch": _lists(inner)}),
        st.fixed_dictionaries({"for": NAMES, "in": TEXTS, "do": _lists(inner)}),
        st.fixed_dictionaries({"return": MAPPINGS, "then": _lists(inner)}),
    )


NESTED = SIMPLE | _nested(SIMPLE)
STEPS = st.recursive(SIMPLE, _nested, max_leaves=5)
DATA = st.builds(
    lambda steps: {"version": 1, "steps": steps}, st.lists(STEPS, min_size=1, max_size=4)
)


class Written:
    """A document in some way of writing; `owners` tells the step of each comment."""

    def __init__(self, data, seed):
        self.owners = {}
        self.inside = set()  # comments in brackets, which may hold several steps
        self._random = random.Random(seed)
        self._dash = self._random.choice([0, 2, 2, 4])
        self._brackets = self._random.choice([0.0, 0.1, 0.4])
        self._asides = self._random.choice([0.0, 0.3, 0.6])
        lines = [*self._above(0, ()), "version: 1", "steps:" + self._behind(())]
        lines += self._steps(data["steps"], self._dash, ("steps",))
        lines += self._above(0, ()) + (["input: true"] if self._maybe(0.2) else [])
        if self._maybe(0.2):
            lines.insert(0, "---")
        self.source = self._random.choice(["\n", "\n", "\r\n"]).join(lines)
        if self._maybe(0.8) or lines[-1] == "":
            self.source += "\n"
        self.data = parse(self.source).data  # without a last break a text under `|` has none

    def _maybe(self, chance):
        return self._random.random() < chance

    def _comment(self, place):
        text = f"# c{len(self.owners)}: it's [a \"{{{{ \ttext"
        self.owners[text] = place
        return text

    def _above(self, column, place, low=True):
        if not self._maybe(self._asides):
            return []
        column = self._random.choice([0, column, column]) if low else column
        return [" " * column + self._comment(place)] + ([""] if self._maybe(0.2) else [])

    def _behind(self, place):
        return "  " + self._comment(place) if self._maybe(self._asides / 2) else ""

    def _steps(self, steps, column, place):
        lines = []
        for index, step in enumerate(steps):
            here = (*place, index)
            if lines and self._maybe(0.3) and not self._ends_open:
                lines.append("")
            self._ends_open = False
            lines += self._above(column, here)
            lines += self._item(step, column, here)
            if not self._ends_open and self._maybe(self._asides / 3):
                lines.append(" " * (column + 1) + self._comment(here))
        return lines

    _ends_open = False

    def _item(self, value, column, place):
        dash = " " * column + "-"
        if not isinstance(value, dict) or not value or self._maybe(self._brackets):
            return self._valued(dash, value, column, place)
        if self._maybe(0.1):
            return [dash + self._behind(place), *self._mapping(value, column + 3, place)]
        width = self._random.choice([2, 2, 2, 4])
        first, *more = self._mapping(value, column + width, place)
        return [dash.ljust(column + width) + first.lstrip(), *more]

    def _mapping(self, value, column, place):
        lines = []
        for key, inner in value.items():
            at = (*place, key)
            if lines:
                lines += self._above(column, place, low=False) if not self._ends_open else []
                self._ends_open = False
            head = (
                " " * column
                + (
                    json.dumps(key, ensure_ascii=False)
                    if not key.isalpha()
                    else f"'{key}'"
                    if key in ("no", "a")
                    else key
                )
                + ":"
            )
            if isinstance(inner, list) and inner and not self._maybe(self._brackets):
                lines.append(head + self._behind(place))
                if key == "elif":
                    for index, item in enumerate(inner):
                        lines += self._item(item, column + self._dash, (*at, index))
                else:
                    lines += self._steps(inner, column + self._dash, at)
            elif isinstance(inner, dict) and inner and not self._maybe(self._brackets):
                lines += [head + self._behind(place), *self._mapping(inner, column + 2, at)]
            else:
                lines += self._valued(head, inner, column, place)
        return lines

    def _valued(self, head, value, column, place):
        if isinstance(value, str) and "\n" in value and self._maybe(0.7):
            return self._literal(head, value, column, place)
        if value is None and self._maybe(0.5):
            return [head + self._behind(place)]
        if isinstance(value, dict | list) and value and self._maybe(0.3):
            return self._long_brackets(head, value, column, place)
        if value in ("a", "é 😀") and self._maybe(0.5):
            return [f"{head} {value}" + self._behind(place)]
        return [f"{head} {json.dumps(value, ensure_ascii=False)}" + self._behind(place)]

    def _literal(self, head, value, column, place):
        sign = "-" if not value.endswith("\n") else "+" if value.endswith("\n\n") else ""
        told = "2" if value.startswith(" ") else ""
        lines = value.removesuffix("\n").split("\n")
        self._ends_open = sign == "+"
        return [
            f"{head} |{told}{sign}" + self._behind(place),
            *(" " * (column + 2) + line if line else "" for line in lines),
        ]

    def _long_brackets(self, head, value, column, place):
        lines = json.dumps(value, ensure_ascii=False, indent=2).split("\n")
        known = set(self.owners)
        written = [f"{head} {lines[0]}" + self._behind(place)]
        written += [" " * (column + 2) + line + self._behind(place) for line in lines[1:]]
        self.inside |= set(self.owners) - known
        return written


DOCUMENTS = st.builds(Written, DATA, st.integers(0, 2**32))


def places(data):
    """Every step's place, outermost first."""
    return [(*place, index) for place, steps in lists(data) for index in range(len(steps))]


def lists(data):
    """Every list of steps that is there, with its place."""
    found = [(("steps",), data["steps"])]
    for place, steps in found:
        for index, step in enumerate(steps):
            here = (*place, index)
            if not isinstance(step, dict):
                continue
            keys = ["then", "else", "do", "try", "catch"]
            found += [((*here, key), step[key]) for key in keys if isinstance(step.get(key), list)]
            found += [
                ((*here, "elif", number, "then"), item["then"])
                for number, item in enumerate(step.get("elif", []))
            ]
    return found


def at(data, place):
    for key in place:
        data = data[key]
    return data
