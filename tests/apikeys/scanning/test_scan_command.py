"""`manage.py apikeys scan` tells what was found, and shows no more of it than it may."""

import io
import json

import pytest
from django.core.management import CommandError

from apikeys import tokens
from apikeys.models import Key
from tests.apikeys.test_checks import new_peppers
from tests.apikeys.test_command import run


class TestScan:
    def test_it_tells_which_are_alive(self, alice, tmp_path):
        _, live = Key.objects.issue(alice, "Live", "access_token", 1)
        ended, ended_text = Key.objects.issue(alice, "Ended", "jwt", 1)
        ended.revoke(None)
        unknown = tokens.make_access_token(tokens.new_public_id())
        (tmp_path / "log").write_text(f"{live}\n{ended_text}\n{unknown}\n{live}\n")
        code, output = run("scan", str(tmp_path), "--json")
        rows = json.loads(output)["keys"]
        assert code == 3
        assert sorted(row["state"] for row in rows) == ["live", "not one of ours", "revoked"]
        assert len(rows[0]["where"]) == 2
        assert not [text for text in (live, ended_text, unknown) if text[15:] in output]

    def test_it_ends_them(self, alice, tmp_path):
        _, live = Key.objects.issue(alice, "Live", "access_token", 1)
        (tmp_path / "log").write_text(live)
        code, output = run("scan", str(tmp_path), "--revoke")
        assert (code, alice.keys.get().state) == (0, "revoked")
        assert "revoked now" in output

    def test_it_shows_no_key_that_a_file_is_named_after(self, alice, tmp_path):
        _, text = Key.objects.issue(alice, "Live", "access_token", 1)
        (tmp_path / text).write_text(text)
        (tmp_path / f"{text}.gz").write_bytes(b"no gzip")
        for arguments in ((), ("--json",)):
            _, output = run("scan", str(tmp_path), *arguments, errors=(errors := io.StringIO()))
            assert str(tmp_path) in output
            assert str(tmp_path) in errors.getvalue()
            assert text[15:] not in output + errors.getvalue()

    def test_it_prints_nothing_that_a_terminal_obeys(self, alice, tmp_path):
        _, text = Key.objects.issue(alice, "Live", "access_token", 1)
        (tmp_path / "\x1b[2Jlog").write_text(text)
        (tmp_path / "\x1b[2J.gz").write_bytes(b"no gzip")
        _, output = run("scan", str(tmp_path), errors=(errors := io.StringIO()))
        assert "�[2Jlog" in output
        assert "�[2J.gz" in errors.getvalue()
        assert "\x1b" not in output + errors.getvalue()

    def test_it_fails_where_something_could_not_be_searched(self, db, tmp_path):
        (tmp_path / "broken.gz").write_bytes(b"no gzip")
        with pytest.raises(CommandError, match="Not everything could be searched"):
            run("scan", str(tmp_path))

    def test_it_fails_where_a_live_key_would_not_be_known(self, alice, tmp_path, settings):
        _, text = Key.objects.issue(alice, "Live", "access_token", 1)
        (tmp_path / "log").write_text(text)
        settings.PEPPERS = new_peppers()
        with pytest.raises(CommandError, match="Not everything could be searched or checked"):
            run("scan", str(tmp_path))

    def test_it_says_that_there_is_no_repository(self, db, tmp_path):
        with pytest.raises(CommandError, match="no git repository"):
            run("scan", "--git", str(tmp_path))
