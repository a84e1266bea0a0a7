"""Write a bundle's data as YAML that `dynamic.flow.document` reads back, for people to compare."""

import re
from typing import Any

import yaml

_HEAD = """\
# manage.py import FILE --owner EMAIL
# ${NAMES} are taken from the environment; $${NAME} is the text ${NAME}.
"""
# The numbers of YAML 1.2 that PyYAML, which knows 1.1, would write as texts without quotes.
_NUMBER = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+)$"
)
_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")
# What a block may hold: a line in it cannot be told from the end where it begins with a blank
# and is the last, and other line breaks than ours would become ours.
_BLOCK = re.compile(r"[\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")


def write(data: dict[str, Any]) -> str:
    """YAML in block style, in the order of the data's keys."""
    return _HEAD + yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=2**31,  # a line that was folded anew is no change to look at
    )


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)  # lists stand below their key

    def ignore_aliases(self, data: Any) -> bool:
        return True  # they are no JSON

    def analyze_scalar(self, scalar: str) -> Any:
        """PyYAML writes a text in one quoted line as soon as any line of it ends in a blank."""
        analysis = super().analyze_scalar(scalar)
        if analysis.multiline and _fits_block(scalar):
            analysis.allow_block = True
        return analysis


def _fits_block(text: str) -> bool:
    return (
        _BLOCK.fullmatch(text) is not None
        and bool(text.strip())
        and text[0] not in " \t\n"
        and text.rstrip("\n")[-1] not in " \t"
    )


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Between single quotes YAML's other line breaks would become ours.
    style = '"' if _OTHER_BREAKS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789"))
