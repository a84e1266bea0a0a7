"""curl commands to drafts."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from dynamic.importing.addresses import has_scheme, split_origin, user_of
from dynamic.importing.arguments import Argument, Arguments, literal, written
from dynamic.importing.curl.bodies import add_data_to_query, set_body
from dynamic.importing.curl.options import Options, read_options
from dynamic.importing.curl.shell_words import Command, split_commands
from dynamic.importing.drafts import Draft
from dynamic.importing.parsing import check_text
from dynamic.importing.proposal import SourceInvalid

MAX_BYTES = 2**20
_PROMPTS = {"$", "%", "sudo", "time"}
_WINDOWS = re.compile(r"[ \t][\^`][ \t]*\r?$|^curl(?:\.exe)?[ \t]+\^\"", re.MULTILINE)
_FENCE = re.compile(r"^```.*$", re.MULTILINE)  # of Markdown
_PLACEHOLDER = re.compile(
    r"(?<![{$])\{([A-Za-z_][A-Za-z0-9_-]*)\}(?!\})|<([A-Za-z_][A-Za-z0-9_-]*)>"
)
_UNSUPPORTED = {
    "digest": "Digest authentication is not supported.",
    "ntlm": "NTLM authentication is not supported.",
    "negotiate": "Negotiate authentication is not supported.",
    "aws-sigv4": "AWS signatures are not supported.",
    "cert": "A client certificate (--cert) is not supported.",
    "proxy": "The proxy was left out.",
    "config": "The options in the file of --config were left out.",
    "netrc": "The credentials of .netrc were left out: give the system a credential.",
    "insecure": "-k was left out: certificates are always checked.",
}


def read_curl(text: str) -> tuple[list[Draft], list[str]]:
    """Read curl commands: drafts, and what is no request. Raises SourceInvalid."""
    text = _FENCE.sub("", check_text(text, MAX_BYTES))
    if _WINDOWS.search(text):
        raise SourceInvalid(
            "This is curl for the Windows command line or PowerShell. Copy it as cURL (bash)."
        )
    drafts: list[Draft] = []
    left_out: list[str] = []
    for command in split_commands(text):
        words = _after_curl(command.words)
        if words is None:
            _leave_out(command, left_out)
            continue
        for options in read_options(words):
            drafts.extend(_draft(url, options) for url in options.urls)
            if not options.urls:
                left_out.append(f"The curl command in line {command.line} has no URL.")
    if not drafts and not left_out:
        raise SourceInvalid("A curl command begins with “curl” and has a URL. Paste one or more.")
    return drafts, left_out


def _after_curl(words: Sequence[str]) -> Sequence[str] | None:
    for index, word in enumerate(words):
        if word.lower().rpartition("/")[2] in ("curl", "curl.exe"):
            return words[index + 1 :]
        if word not in _PROMPTS:
            return None
    return None


def _leave_out(command: Command, left_out: list[str]) -> None:
    # Its words are not repeated: they may hold a secret, as in `export TOKEN=…`.
    if not command.is_piped_to and len(left_out) < 100:
        left_out.append(f"The command in line {command.line} is not curl.")


def _draft(url: str, options: Options) -> Draft:
    draft = Draft()
    address = url if has_scheme(url) else f"http://{url}"
    if user_of(address) is not None:
        draft.hint("basic")
        draft.note("The user in the URL was left out: give the system a credential.")
    draft.base, rest = split_origin(address)
    before_fragment = rest.partition("#")[0]
    path, _, query = before_fragment.partition("?")
    if not draft.base:  # of another scheme, so it will be left out; its user is not to be shown
        draft.base, path = address.partition("://")[0], "/"
    draft.path = _with_placeholders(path or "/", draft.arguments)
    for key, value in parse_qsl(query, keep_blank_values=True):
        draft.add_query(key, _with_placeholders(value, draft.arguments))
    _add_headers(draft, options)
    for piece in options.values("url-query"):
        key, _, value = piece.partition("=")
        draft.add_query(key, literal(value))
    if options.has("get"):
        add_data_to_query(draft, options)
    else:
        set_body(draft, options)
    draft.method = _method(options)
    _add_notes(draft, options)
    draft.name = f"{draft.method} {path or '/'}"
    return draft


def _with_placeholders(text: str, arguments: Arguments) -> str:
    """Write a literal text; `{id}` and `<id>`, as documentation has them, become arguments."""
    pieces: list[str | Argument] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        pieces.append(text[end : match.start()])
        pieces.append(arguments.take(match[1] or match[2]))
        end = match.end()
    return written([piece for piece in [*pieces, text[end:]] if piece != ""])


def _add_headers(draft: Draft, options: Options) -> None:
    for header in options.values("header"):
        name, colon, value = header.partition(":")
        if colon and value.strip():
            draft.add_header(name.strip(), literal(value.strip()))
        elif name.endswith(";"):  # curl's way to send a header without a value
            draft.add_header(name[:-1].strip(), "")
        elif name.startswith("@"):
            draft.note("Headers from a file were left out.")
    for option, name in (("user-agent", "User-Agent"), ("referer", "Referer")):
        for given in options.values(option)[-1:]:
            draft.add_header(name, literal(given))
    if options.has("user"):
        draft.note("The user and password were left out: give the system a credential.")
        if not options.has("digest", "ntlm", "negotiate", "aws-sigv4"):
            draft.hint("basic")
    if options.has("oauth2-bearer"):
        draft.add_header("Authorization", "Bearer")
    if options.has("cookie"):
        draft.add_header("Cookie", "")


def _method(options: Options) -> str:
    if (given := options.last("request")) is not None:
        return given.upper()
    if options.has("head"):
        return "HEAD"
    if options.has("get"):
        return "GET"
    if options.has("upload-file"):
        return "PUT"
    sends = any(name.startswith(("data", "json", "form")) for name, _ in options.given)
    return "POST" if sends else "GET"


def _add_notes(draft: Draft, options: Options) -> None:
    for name, sentence in _UNSUPPORTED.items():
        if options.has(name):
            draft.note(sentence)
    for name in options.unknown:
        draft.note(f"The option {name} is not known, and was left out.")
