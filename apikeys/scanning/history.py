"""Search all that a git repository holds: each version of each file, each message.

By plumbing alone (`git cat-file`): nothing that the repository's own configuration names is run.
"""

import os
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from apikeys.scanning.streams import Finding, search

_SEARCHED = {b"blob", b"commit", b"tag"}


class NotSearchable(ValueError):
    """No repository, or no git; the message says which."""


def search_history(repository: Path) -> Iterator[Finding]:
    """Every object of the repository, those that no branch holds any more among them."""
    names = _names(repository)
    with _git(repository, "cat-file", "--batch", "--batch-all-objects", "--unordered") as process:
        assert process.stdout  # noqa: S101  # it is a pipe
        while header := process.stdout.readline():
            object_id, kind, size = header.split()
            content = process.stdout.read(int(size) + 1)[:-1]
            if kind in _SEARCHED:
                name = names.get(object_id, kind).decode("utf-8", "replace")
                where = f"{repository}: {object_id.decode()[:12]} ({name})"
                yield from search(BytesIO(content), where)


def _names(repository: Path) -> dict[bytes, bytes]:
    """Object id -> path, for what some branch, tag or stash holds."""
    names = {}
    with _git(repository, "rev-list", "--objects", "--all", "--reflog") as process:
        assert process.stdout  # noqa: S101
        for line in process.stdout:
            object_id, _, name = line.rstrip(b"\n").partition(b" ")
            if name:
                names[object_id] = name
        problem = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
    if process.returncode:
        raise NotSearchable(
            f"{repository} is no git repository that can be read: {problem.strip()}"
        )
    return names


def _git(repository: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        return subprocess.Popen(  # noqa: S603
            ["git", "-c", "core.fsmonitor=false", "-C", str(repository), *arguments],  # noqa: S607
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
    except FileNotFoundError:
        raise NotSearchable("There is no git on this machine.") from None
