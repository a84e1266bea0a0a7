"""Keys are found wherever they lie: files, compressed logs, UTF-16, each corner of a repository."""

import bz2
import gzip
import io
import lzma
import re
import resource
import subprocess

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from apikeys import tokens
from apikeys.keyring import SigningKeys
from apikeys.scanning import streams
from apikeys.scanning.candidates import find
from apikeys.scanning.files import search_path
from apikeys.scanning.history import NotSearchable, search_history
from apikeys.scanning.streams import CHUNK, search
from integrator import secretfiles

TOKEN = tokens.make_access_token(tokens.new_public_id())
KEYS = SigningKeys.parse(secretfiles.MAKERS["INTEGRATOR_JWT_KEYS"]())
JWT = tokens.make_jwt(KEYS.signing, tokens.new_public_id(), "1", tokens.new_secret(), 1, None)


def texts(findings):
    return [finding.candidate.text for finding in findings]


def found_in(data):
    return [candidate.text for candidate in find(data)]


@pytest.mark.parametrize("text", [TOKEN, JWT], ids=["access token", "JWT"])
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        'key: "{}"',
        "GET /v1/dynamic/listener/x?access_token={}&a=1 HTTP/1.1",
        '{{"Authorization": "Bearer {}"}}',
        "export KEY={}\n",
        "({})",
        "a={};b={}",
    ],
)
def test_it_finds_a_key_in_its_surroundings(text, around):
    data = around.replace("{}", text).encode()
    assert found_in(data) == [text] * around.count("{}")


SPOILED = {
    "cut": TOKEN[:-1],
    "longer": TOKEN + "a",
    "inside a word": "x" + TOKEN,
    "mistyped": TOKEN[:-1] + ("A" if TOKEN[-1] != "A" else "B"),
    "in lower case": TOKEN.lower(),
    "without signature": JWT.rsplit(".", 1)[0],
    "somebody else's JWT": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + JWT.split(".", 1)[1],
}


@pytest.mark.parametrize("name", SPOILED)
def test_it_finds_nothing_where_there_is_none(name):
    assert found_in(f" {SPOILED[name]} ".encode()) == []


def test_it_shows_none_of_it_in_a_report():
    (candidate,) = find(TOKEN.encode())
    assert TOKEN[15:] not in repr(candidate) + candidate.shown


@given(st.integers(0, 4096), st.integers(1, 3))
def test_it_finds_a_key_at_the_edge_of_a_chunk_once(shift, line_length):
    begin = CHUNK - 2048 + shift
    data = (b"x" * line_length + b"\n") * (begin // (line_length + 1)) + b"\n" + TOKEN.encode()
    data += b" " + b"y" * 3000
    (finding,) = search(io.BytesIO(data), "here")
    assert finding.candidate.text == TOKEN
    assert finding.line == data.count(b"\n") + 1


@given(st.integers(0, 4096))
def test_it_knows_a_longer_word_at_the_edge_of_a_chunk(shift):
    data = b"x" * (CHUNK - 2048 + shift) + TOKEN.encode() + b" " * 5000
    assert list(search(io.BytesIO(data), "here")) == []


def test_it_keeps_little_of_a_long_stream_in_memory():
    class Zeros(io.RawIOBase):
        left = 200 * CHUNK

        def read(self, size=-1):
            size = min(size, self.left)
            self.left -= size
            return b"a" * size

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert list(search(Zeros(), "zeros")) == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024


class TestFiles:
    def test_it_searches_a_folder(self, tmp_path):
        (tmp_path / "inner").mkdir()
        (tmp_path / "inner" / "app.log").write_text(f"one\ntwo {TOKEN}\n")
        (tmp_path / "empty").write_text("")
        (finding,) = search_path(tmp_path, [])
        assert finding.where.endswith("inner/app.log")
        assert finding.line == 2

    @pytest.mark.parametrize(
        ("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
    )
    def test_it_searches_compressed_logs(self, tmp_path, suffix, pack):
        (tmp_path / f"app.log{suffix}").write_bytes(pack(JWT.encode()))
        assert texts(search_path(tmp_path, [])) == [JWT]

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
    def test_it_reads_what_windows_writes(self, tmp_path, encoding):
        (tmp_path / "log.txt").write_bytes(f"Zoë\r\n{TOKEN}\r\n".encode(encoding))
        assert texts(search_path(tmp_path, [])) == [TOKEN]

    def test_it_tells_what_it_could_not_read(self, tmp_path):
        (tmp_path / "broken.gz").write_bytes(b"no gzip")
        (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x" * 1000)[:-9])
        problems = []
        assert list(search_path(tmp_path, problems)) == []
        assert list(search_path(tmp_path / "missing", problems)) == []
        assert len(problems) == 3

    def test_it_follows_no_links(self, tmp_path):
        (tmp_path / "loop").symlink_to(tmp_path)
        assert list(search_path(tmp_path, [])) == []


class TestHistory:
    @pytest.fixture
    def git(self, tmp_path):
        def git(*arguments):
            subprocess.run(
                ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments],
                cwd=tmp_path,
                check=True,
                capture_output=True,
            )

        git("init", "-q")
        return git

    def commit(self, tmp_path, git, content, message="m"):
        (tmp_path / "settings.py").write_text(content)
        git("add", ".")
        git("commit", "-q", "-m", message)

    def test_it_finds_what_was_removed_again(self, tmp_path, git):
        self.commit(tmp_path, git, f"\nKEY = '{TOKEN}'\n")
        self.commit(tmp_path, git, "KEY = None\n")
        (finding,) = search_history(tmp_path)
        assert finding.candidate.text == TOKEN
        assert "settings.py" in finding.where
        assert finding.line == 2

    def test_it_finds_it_in_packs_branches_and_stashes(self, tmp_path, git):
        self.commit(tmp_path, git, "a")
        git("checkout", "-q", "-b", "other")
        self.commit(tmp_path, git, TOKEN)
        git("checkout", "-q", "-")
        (tmp_path / "settings.py").write_text(JWT)
        git("stash")
        git("gc", "-q")
        assert sorted(texts(search_history(tmp_path))) == sorted([TOKEN, JWT])

    def test_it_finds_it_in_messages(self, tmp_path, git):
        self.commit(tmp_path, git, "a", f"Use {TOKEN}")
        git("tag", "-a", "v1", "-m", JWT)
        assert sorted(texts(search_history(tmp_path))) == sorted([TOKEN, JWT])

    def test_it_finds_what_no_branch_holds_any_more(self, tmp_path, git):
        self.commit(tmp_path, git, "a")
        self.commit(tmp_path, git, TOKEN)
        git("reset", "-q", "--hard", "HEAD~1")
        git("reflog", "expire", "--expire=now", "--all")
        assert texts(search_history(tmp_path)) == [TOKEN]

    def test_it_runs_nothing_that_the_repository_names(self, tmp_path, git):
        self.commit(tmp_path, git, TOKEN)
        ran = tmp_path / "ran"
        for name in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
            git("config", name, f"touch {ran}")
        assert texts(search_history(tmp_path)) == [TOKEN]
        assert not ran.exists()

    def test_it_says_that_a_folder_is_no_repository(self, tmp_path):
        with pytest.raises(NotSearchable, match="no git repository"):
            list(search_history(tmp_path))


def test_it_keeps_enough_of_a_chunk_for_the_longest_key():
    assert len(JWT) < streams._KEPT


def test_it_documents_a_pattern_that_finds_a_key():
    text = (settings.BASE_DIR / "docs" / "finding-leaked-keys.md").read_text("utf-8")
    patterns = set(re.findall(r"\(\?:\^\|\[\^0-9A-Za-z\]\)\(dik_.+?\$\|\[\^0-9A-Za-z\]\)", text))
    assert len(patterns) == 1
    pattern = re.compile(patterns.pop())
    assert pattern.search(f"key={TOKEN}&a=1")[1] == TOKEN
    assert not pattern.search(SPOILED["longer"])
    assert not pattern.search(SPOILED["inside a word"])
