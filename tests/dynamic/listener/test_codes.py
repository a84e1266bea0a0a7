"""Programs go by the codes of problems: each that the listener answers is in the documentation."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| (\d{3})[^|]*\| `(\w+)` \|", re.MULTILINE)
CODE = re.compile(r"[a-z_]+")
# Of keys: `apikeys` says them in words of its own (RFC 6750, section 3.1).
OF_KEYS = {
    (401, "unauthorized"),
    (401, "invalid_token"),
    (403, "insufficient_scope"),
    (429, "too_many_calls"),
    (429, "too_many_attempts"),
}


def written(path: Path) -> Iterator[tuple[int, str]]:
    """Each status that stands before a code, as in `Refusal(404, "unknown_pipe", …)`."""
    for node in ast.walk(ast.parse(path.read_text())):
        values = {ast.Call: "args", ast.Tuple: "elts"}.get(type(node))
        inner = getattr(node, values) if values else []
        for first, second in itertools.pairwise(inner):
            match first, second:
                case ast.Constant(value=int(status)), ast.Constant(value=str(code)):
                    if 400 <= status < 600 and CODE.fullmatch(code):
                        yield status, code


LISTENER = ROOT / "dynamic" / "listener"
FETCHED = LISTENER / "async_answers.py"  # answers that are asked for later, by REST


def test_the_documentation_lists_each_code_with_its_status_and_no_other():
    modules = set(LISTENER.glob("*.py")) - {FETCHED}
    answered = {pair for path in modules for pair in written(path)}
    assert {(404, "unknown_pipe"), (502, "upstream_failed"), (503, "pipe_busy")} <= answered
    text = (ROOT / "docs" / "calling-a-pipe.md").read_text()
    documented = {(int(status), code) for status, code in ROW.findall(text)}
    assert sorted(documented ^ (answered | OF_KEYS)) == []


def test_the_documentation_of_rest_names_the_codes_of_answers_that_are_fetched():
    text = (ROOT / "docs" / "rest.md").read_text()
    codes = {code for _, code in written(FETCHED)}
    assert codes
    assert [code for code in codes if f"`{code}`" not in text] == []
