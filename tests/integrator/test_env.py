"""Settings that are missing or wrong stop start-up, by name."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from integrator import env, secretfiles

BASE = Path(__file__).resolve().parents[2]


class TestReaders:
    def test_it_reads_flags(self, monkeypatch):
        for text, value in {"yes": True, "TRUE": True, "1": True, "no": False, "": False}.items():
            monkeypatch.setenv("X_FLAG", text)
            assert env.flag("X_FLAG", default=True) is value
        monkeypatch.setenv("X_FLAG", "maybe")
        with pytest.raises(ImproperlyConfigured, match="X_FLAG is 'maybe'"):
            env.flag("X_FLAG", default=True)

    @pytest.mark.parametrize("text", ["", "x", "0", "70000", "-1", "1.5", "१"])
    def test_it_refuses_a_number_out_of_bounds(self, monkeypatch, text):
        monkeypatch.setenv("X_PORT", text)
        with pytest.raises(ImproperlyConfigured, match="X_PORT"):
            env.integer("X_PORT", 2020, least=1, most=65535)

    def test_it_reads_lists(self, monkeypatch):
        monkeypatch.setenv("X_LIST", "a, b c\n")
        assert env.words("X_LIST") == ["a", "b", "c"]


class TestSecrets:
    def test_it_makes_what_is_missing_for_its_owner_alone_and_keeps_what_is_there(self, tmp_path):
        assert set(secretfiles.make_missing(tmp_path)) == set(secretfiles.MAKERS)
        first = {name: secretfiles.read(tmp_path, name) for name in secretfiles.MAKERS}
        for name in secretfiles.MAKERS:
            mode = stat.S_IMODE(secretfiles.path(tmp_path, name).stat().st_mode)
            assert mode == 0o600
        assert secretfiles.make_missing(tmp_path) == []
        assert {name: secretfiles.read(tmp_path, name) for name in secretfiles.MAKERS} == first

    def test_it_keeps_the_data_folder_to_its_owner(self, tmp_path):
        secretfiles.make_missing(tmp_path / "data")
        for folder in ("data", "data/secrets"):
            assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700

    def test_it_prefers_the_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("INTEGRATOR_SECRET_KEY", "from the environment")
        assert env.secret("INTEGRATOR_SECRET_KEY", tmp_path) == "from the environment"

    def test_it_says_how_to_make_a_missing_one(self, tmp_path, monkeypatch):
        monkeypatch.delenv("INTEGRATOR_PEPPERS", raising=False)
        with pytest.raises(ImproperlyConfigured, match="secretfiles INTEGRATOR_PEPPERS"):
            env.secret("INTEGRATOR_PEPPERS", tmp_path)

    def test_it_refuses_a_file_that_others_can_read(self, tmp_path, monkeypatch):
        monkeypatch.delenv("INTEGRATOR_PEPPERS", raising=False)
        secretfiles.make_missing(tmp_path)
        secretfiles.path(tmp_path, "INTEGRATOR_PEPPERS").chmod(0o644)
        with pytest.raises(ImproperlyConfigured, match="chmod 600"):
            env.secret("INTEGRATOR_PEPPERS", tmp_path)


def manage(*arguments, data, **variables):
    """A fresh process with only these variables of ours."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("INTEGRATOR_")}
    environment |= {"DJANGO_SETTINGS_MODULE": "integrator.settings", "INTEGRATOR_DATA": str(data)}
    environment.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


class TestStartUp:
    def test_it_stops_without_secrets_and_says_which(self, tmp_path):
        result = manage("check", data=tmp_path)
        assert result.returncode != 0
        assert "INTEGRATOR_SECRET_KEY is missing" in result.stderr

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("INTEGRATOR_JWT_KEYS", "k:signing:c2VjcmV0", "at least 32"),
            ("INTEGRATOR_PEPPERS", "1:" + "A" * 43, "not random"),
            ("INTEGRATOR_URL", "integrator.example", "INTEGRATOR_URL"),
            ("INTEGRATOR_METRICS_TOKEN", "short", "INTEGRATOR_METRICS_TOKEN is too short"),
            ("INTEGRATOR_DEBUG", "perhaps", "INTEGRATOR_DEBUG"),
            ("INTEGRATOR_OUTBOUND_ADDRESSES", "192.0.2.1, here", "INTEGRATOR_OUTBOUND_ADDRESSES"),
            ("INTEGRATOR_ENCRYPTION_KEYS", "short", "INTEGRATOR_ENCRYPTION_KEYS"),
            ("INTEGRATOR_OUTBOUND_ALLOW", "10.0.0.0/99", "INTEGRATOR_OUTBOUND_ALLOW"),
            ("INTEGRATOR_JSONATA_ENGINE", "v8", "INTEGRATOR_JSONATA_ENGINE cannot be used: there"),
        ],
    )
    def test_it_stops_on_a_setting_that_is_wrong(self, tmp_path, name, value, said):
        secretfiles.make_missing(tmp_path)
        result = manage("check", data=tmp_path, **{name: value})
        assert result.returncode != 0
        assert said in result.stderr

    def test_it_starts_with_the_engine_that_is_asked_for(self, tmp_path):
        secretfiles.make_missing(tmp_path)
        code = "from dynamic.flow.engines.choice import chosen; print(chosen().name)"
        asked = {"INTEGRATOR_JSONATA_ENGINE": "jsonata-python"}
        result = manage("shell", "--no-imports", "--command", code, data=tmp_path, **asked)
        assert result.stdout.strip() == "jsonata-python", result.stderr

    def test_it_says_what_is_wrong_with_a_port(self, tmp_path):
        result = manage("quickstart", "--no-serve", data=tmp_path, PORT="abc")
        assert result.returncode == 1
        assert result.stderr.startswith("PORT is 'abc'")

    def test_it_is_clean_with_the_production_settings(self, tmp_path):
        secretfiles.make_missing(tmp_path)
        result = manage(
            *("check", "--deploy", "--fail-level", "WARNING"),
            data=tmp_path,
            INTEGRATOR_URL="https://integrator.example.com",
        )
        assert result.returncode == 0, result.stderr

    def test_it_has_a_migration_for_every_model_change(self, tmp_path):
        secretfiles.make_missing(tmp_path)
        result = manage("makemigrations", "--check", "--dry-run", data=tmp_path)
        assert result.returncode == 0, result.stdout
