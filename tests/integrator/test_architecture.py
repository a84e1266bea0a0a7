"""The rules of the house (docs/architecture.md), held by reading every import."""

import ast
from functools import cache
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
APPS = ["integrator", "dynamic", "apikeys", "accounts"]
FILES = sorted(
    file for app in APPS for file in (BASE / app).rglob("*.py") if "migrations" not in file.parts
)

# Each may import itself and what stands after it.
LAYERS = ["dynamic", "apikeys", "accounts"]
INNER = [
    "pages",
    "api",
    "bundle",
    "describing",
    "listener",
    "simulating",
    "systems",
    "runs",
    "models",
]
INNER += ["outbound", "flow"]

# These know neither Django nor the network.
PURE = ("dynamic/flow/", "dynamic/importing/")

# The modules of the standard library and of our dependencies that open connections.
SOCKETS = {"socket", "ssl", "aiohttp", "http.client", "urllib.request", "urllib3", "requests"}
SOCKETS |= {"httpx", "smtplib", "ftplib", "asyncio.streams"}


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


@cache
def imports_of(file: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def uses(names, module):
    return any(name == module or name.startswith(f"{module}.") for name in names)


def name_of(file: Path) -> str:
    return str(file.relative_to(BASE))


def every(files):
    return pytest.mark.parametrize("file", files, ids=name_of)


def test_it_looks_at_all_of_the_code():
    assert len(FILES) > 50
    assert {file.relative_to(BASE).parts[0] for file in FILES} == set(APPS)


@every(FILES)
def test_it_imports_apps_one_way(file):
    app = file.relative_to(BASE).parts[0]
    if app == "integrator":
        return
    above = LAYERS[: LAYERS.index(app)]
    assert not [layer for layer in above if uses(imports_of(file), layer)]
    # Wiring is the top: what it wires knows nothing of it.
    assert not uses(imports_of(file), "integrator")


@every([file for file in FILES if file.relative_to(BASE).parts[0] == "dynamic"])
def test_it_imports_the_parts_of_dynamic_one_way(file):
    part = file.relative_to(BASE).parts[1]
    if part not in INNER:
        return
    above = INNER[: INNER.index(part)]
    assert not [layer for layer in above if uses(imports_of(file), f"dynamic.{layer}")]


@every([file for file in FILES if name_of(file).startswith(PURE)])
def test_it_keeps_django_out_of_what_is_pure(file):
    names = imports_of(file)
    outside = ("django", "rest_framework", "apikeys", "accounts", "dynamic.models")
    for module in (*outside, "dynamic.outbound", *SOCKETS):
        assert not uses(names, module), module


@every([file for file in FILES if "dynamic/outbound/" not in name_of(file)])
def test_it_opens_sockets_in_outbound_only(file):
    assert not [module for module in SOCKETS if uses(imports_of(file), module)]


def reach_of(file: Path) -> set[Path]:
    """All of our modules that come with a module: what it imports, what that imports, and so on."""
    reached, left = {file}, [file]
    while left:
        for name in imports_of(left.pop()):
            path = BASE / name.replace(".", "/")
            found = {path.with_suffix(".py"), path / "__init__.py"} & set(FILES)
            left += found - reached
            reached |= found
    return reached


def test_it_simulates_with_mocks_out_of_reach_of_whatever_sends():
    reached = reach_of(BASE / "dynamic/simulating/mocked.py")
    assert BASE / "dynamic/flow/runner.py" in reached
    names = {name_of(file) for file in reached}
    assert not [name for name in names if name.startswith(("dynamic/outbound/", "dynamic/models/"))]
    for file in reached:
        assert not [module for module in SOCKETS if uses(imports_of(file), module)]
        assert not uses(imports_of(file), "django.core.mail")


@every([file for file in FILES if "dynamic/flow/engines/" not in name_of(file)])
def test_it_evaluates_expressions_in_one_place(file):
    assert not uses(imports_of(file), "jsonatapy")
    called = {
        node.func.id
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__"}


@every([file for file in FILES if not name_of(file).startswith("apikeys/")])
def test_it_verifies_keys_in_one_place(file):
    names = imports_of(file)
    assert not uses(names, "jwt")
    assert not uses(names, "apikeys.digest")


@every(FILES)
def test_it_keeps_a_module_to_a_size_one_can_read(file):
    assert len(file.read_text("utf-8").splitlines()) <= 300


@every(FILES)
def test_it_uses_signals_for_no_logic(file):
    if file.name == "apps.py":  # post_migrate makes the triggers
        return
    assert not uses(imports_of(file), "django.dispatch")
    assert not uses(imports_of(file), "django.db.models.signals")


def test_it_keeps_names_that_say_something():
    vague = {"utils", "helpers", "services", "mixins", "common", "misc"}
    assert not [file for file in FILES if file.stem in vague]
