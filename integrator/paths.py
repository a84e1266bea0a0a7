"""Where things lie: the project's own folder, and the data folder of this installation."""

from pathlib import Path

from integrator import env

BASE = Path(__file__).resolve().parent.parent


def data_folder() -> Path:
    """`INTEGRATOR_DATA`, by default `var/` beside manage.py: secrets, SQLite, static files."""
    return env.folder("INTEGRATOR_DATA", BASE / "var")
