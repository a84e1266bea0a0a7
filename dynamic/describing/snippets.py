"""A call of a pipe as code to copy, in four languages, by what each of them has on board.

The key comes from the environment, so that nobody puts one into a program.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pprint import pformat
from urllib.parse import urlencode

import orjson

from dynamic.describing.described import Described

VARIABLE = "INTEGRATOR_TOKEN"


@dataclass(frozen=True, slots=True)
class Snippet:
    id: str
    language: str
    code: str


def snippets(pipe: Described) -> list[Snippet]:
    return [Snippet(name, language, write(pipe)) for name, language, write in _LANGUAGES]


def _address(pipe: Described) -> str:
    """With the sample in it, where the call is a read."""
    if pipe.method != "GET" or not pipe.query:
        return pipe.url
    return f"{pipe.url}?{urlencode(pipe.query)}"


def _json(pipe: Described) -> str:
    return orjson.dumps(pipe.sample, option=orjson.OPT_INDENT_2).decode()


def _wait(pipe: Described) -> int:
    """Seconds that a caller should have patience for: a little more than the pipe has."""
    return pipe.deadline + 5


def _curl(pipe: Described) -> str:
    lines = [f"curl -X {pipe.method} -m {_wait(pipe)} {shlex.quote(_address(pipe))}"]
    lines.append(f'-H "Authorization: Bearer ${VARIABLE}"')
    if pipe.method != "GET":
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(orjson.dumps(pipe.sample).decode())}")
    return " \\\n  ".join(lines)


def _python(pipe: Described) -> str:
    is_read = pipe.method == "GET"
    payload = "" if is_read else f"payload = {pformat(pipe.sample, sort_dicts=False)}\n"
    data = "" if is_read else "    data=json.dumps(payload).encode(),\n"
    kind = "" if is_read else '        "Content-Type": "application/json",\n'
    return f"""\
{"" if is_read else "import json" + chr(10)}import os
import urllib.error
import urllib.request

{payload}request = urllib.request.Request(
    {_address(pipe)!r},
    method={pipe.method!r},
{data}    headers={{
        "Authorization": "Bearer " + os.environ["{VARIABLE}"],
{kind}    }},
)
try:
    with urllib.request.urlopen(request, timeout={_wait(pipe)}) as answer:
        print(answer.read().decode())
except urllib.error.HTTPError as error:
    raise SystemExit(f"{{error.code}}: {{error.read().decode()}}")
"""


def _javascript(pipe: Described) -> str:
    is_read = pipe.method == "GET"
    payload = "" if is_read else f"const payload = {_json(pipe)};\n\n"
    kind = "" if is_read else '    "Content-Type": "application/json",\n'
    body = "" if is_read else "  body: JSON.stringify(payload),\n"
    return f"""\
// On a server: a key in a page is everybody's.
{payload}const answer = await fetch({orjson.dumps(_address(pipe)).decode()}, {{
  method: "{pipe.method}",
  headers: {{
    Authorization: `Bearer ${{process.env.{VARIABLE}}}`,
{kind}  }},
{body}  signal: AbortSignal.timeout({_wait(pipe)}_000),
}});
if (!answer.ok) throw new Error(`${{answer.status}}: ${{await answer.text()}}`);
console.log(await answer.text());
"""


def _php(pipe: Described) -> str:
    is_read = pipe.method == "GET"
    payload = "" if is_read else f"$payload = <<<'JSON'\n{_json(pipe)}\nJSON;\n\n"
    kind = "" if is_read else "        'Content-Type: application/json',\n"
    body = "" if is_read else "    CURLOPT_POSTFIELDS => $payload,\n"
    return f"""\
<?php
{payload}$call = curl_init('{_address(pipe)}');
curl_setopt_array($call, [
    CURLOPT_CUSTOMREQUEST => '{pipe.method}',
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_TIMEOUT => {_wait(pipe)},
    CURLOPT_HTTPHEADER => [
        'Authorization: Bearer ' . getenv('{VARIABLE}'),
{kind}    ],
{body}]);
$answer = curl_exec($call);
$status = curl_getinfo($call, CURLINFO_RESPONSE_CODE);
if ($answer === false || $status >= 400) {{
    throw new RuntimeException("$status: " . ($answer === false ? curl_error($call) : $answer));
}}
echo $answer;
"""


_LANGUAGES: list[tuple[str, str, Callable[[Described], str]]] = [
    ("curl", "curl", _curl),
    ("python", "Python", _python),
    ("javascript", "JavaScript", _javascript),
    ("php", "PHP", _php),
]
