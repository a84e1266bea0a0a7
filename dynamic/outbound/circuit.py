"""A host that fails and fails is left alone for a moment, and callers hear so at once.

After ten failures in a row the circuit of a host opens for ten seconds; then one request may try.
If that fails, too, it opens again for twice as long, up to two minutes. Only what keeps callers
waiting counts: no connection, a broken one, a time-out. An answer, whatever its status, closes it.

Each system has its own circuit of a host: nobody's short time-outs keep others from it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from dynamic.flow.exchange import Resting

FAILURES = 10
REST, LONGEST_REST = 10.0, 120.0  # seconds
MOST_HOSTS = 10_000


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    rest: float = 0.0
    until: float = 0.0
    trying: bool = False  # one request is under way, after a rest


class Circuits:
    """The circuits of one worker, by system and by host and port."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._circuits: dict[tuple[str, str], _Circuit] = {}

    def check(self, host: str, system: str = "") -> None:
        """Raise `Resting` while the host is left alone."""
        circuit = self._circuits.get((system, host))
        if circuit is None or circuit.failures < FAILURES:
            return
        now = self._clock()
        if now < circuit.until:
            raise Resting(
                f"{host} failed {circuit.failures} times in a row, and is not asked for another "
                f"{circuit.until - now:.0f} s."
            )
        circuit.until = now + circuit.rest  # this request tries, the others go on waiting
        circuit.trying = True

    def succeeded(self, host: str, system: str = "") -> None:
        self._circuits.pop((system, host), None)

    def untold(self, host: str, system: str = "") -> None:
        """The request ended and says nothing of the host, as when its caller went away."""
        circuit = self._circuits.get((system, host))
        if circuit is not None and circuit.trying:
            circuit.trying, circuit.until = False, self._clock()

    def failed(self, host: str, system: str = "") -> None:
        circuit = self._circuits.setdefault((system, host), _Circuit())
        circuit.failures += 1
        # Those that were under way when it opened, and fail now, say nothing new.
        if circuit.trying or circuit.failures == FAILURES:
            circuit.trying = False
            circuit.rest = min(LONGEST_REST, circuit.rest * 2 or REST)
            circuit.until = self._clock() + circuit.rest
        if len(self._circuits) > MOST_HOSTS:
            del self._circuits[next(iter(self._circuits))]
