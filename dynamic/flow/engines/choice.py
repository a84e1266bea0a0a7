"""Which engine evaluates: said once at start-up, before anything is compiled.

jsonatapy is imported when it is asked for, so a platform that lacks it can use the other one.
"""

from dynamic.flow.engines.jsonata_python_engine import JsonataPythonEngine
from dynamic.flow.engines.seam import Engine
from dynamic.flow.isolation.engine import Isolating

DEFAULT = "jsonatapy"


class _Chosen:
    engine: Isolating | None = None


def engine_named(name: str) -> Engine:
    """Give a new engine. Raises ValueError, for the operator, when there is none of that name."""
    if name == "jsonata-python":
        return JsonataPythonEngine()
    if name != "jsonatapy":
        raise ValueError(f"there is no engine {name!r}, only jsonatapy and jsonata-python")
    try:
        from dynamic.flow.engines.jsonatapy_engine import JsonatapyEngine
    except ImportError as error:
        raise ValueError(
            f"jsonatapy cannot be imported here ({error}). Install it for this platform, or set "
            "INTEGRATOR_JSONATA_ENGINE=jsonata-python"
        ) from error
    return JsonatapyEngine()


def choose(engine: Engine) -> None:
    """Use an engine for whatever is compiled from now on; apart from here what is risky."""
    _Chosen.engine = Isolating(engine)


def chosen() -> Isolating:
    """The engine in use: the default one where nobody has said."""
    engine = _Chosen.engine or Isolating(engine_named(DEFAULT))
    _Chosen.engine = engine
    return engine
