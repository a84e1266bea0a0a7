"""Search files and folders, compressed logs among them."""

import bz2
import gzip
import lzma
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from apikeys.scanning.streams import Finding, search


def search_path(path: Path, problems: list[str]) -> Iterator[Finding]:
    """Search a file, or all files below a folder; what cannot be read is told in `problems`.

    Links are not followed. `.git` folders are left to `history`.
    """
    for file in _files(path, problems):
        try:
            with _open(file) as stream:
                yield from search(stream, str(file))
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
            problems.append(f"{file} cannot be read to its end: {error}")


def _files(path: Path, problems: list[str]) -> Iterator[Path]:
    try:
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            yield path
        elif stat.S_ISDIR(mode) and path.name != ".git":
            for inner in sorted(path.iterdir()):
                yield from _files(inner, problems)
    except OSError as error:
        problems.append(f"{path} cannot be read: {error}")


def _open(file: Path) -> BinaryIO:
    match file.suffix:
        case ".gz":
            return cast(BinaryIO, gzip.open(file, "rb"))
        case ".bz2":
            return cast(BinaryIO, bz2.open(file, "rb"))
        case ".xz":
            return cast(BinaryIO, lzma.open(file, "rb"))
        case _:
            return file.open("rb")
