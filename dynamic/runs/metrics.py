"""What this process has counted, in the form that Prometheus reads.

No label holds what a user chose: each has a few values that stand in the code.
"""

import contextlib
from collections.abc import Iterator, Mapping
from itertools import accumulate

from django.db import Error
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from apikeys.store import UNREACHABLE
from dynamic.models import Run
from dynamic.models.run import QUEUED
from dynamic.runs.counts import COUNTS, SECONDS
from dynamic.runs.recorder import QUEUE


class _Counted(Collector):
    """Reads the counts when it is asked, so that calls need not go through the library's locks."""

    def describe(self) -> list[Metric]:
        """Nothing: whoever registers it would count otherwise, and ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from _calls()
        yield from _runs()
        yield from _recorder()
        yield from _queued()
        yield _by(
            "by",
            "integrator_database_unreachable",
            "Times that the database gave no answer, or none in time, by who asked.",
            UNREACHABLE,
        )


def exposition() -> bytes:
    """All of it, with what the library tells of the process: memory, processor time, files."""
    return generate_latest(REGISTRY)


def _calls() -> Iterator[Metric]:
    answers = {f"{first}xx": count for first, count in enumerate(COUNTS.answers) if first > 1}
    yield _by("status", "integrator_calls", "Calls of pipes that were answered.", answers)
    yield _by(
        "code",
        "integrator_calls_refused",
        "Calls of pipes that were turned away, by the code of the problem.",
        COUNTS.refusals,
    )


def _runs() -> Iterator[Metric]:
    yield _by("status", "integrator_runs", "Runs that have ended.", COUNTS.runs)
    bounds = [*(f"{seconds:g}" for seconds in SECONDS), "+Inf"]
    buckets = list(zip(bounds, accumulate(COUNTS.runs_by_time), strict=True))
    yield HistogramMetricFamily(
        "integrator_run_seconds", "How long runs took.", buckets, COUNTS.seconds_of_runs
    )
    yield GaugeMetricFamily(
        "integrator_runs_under_way", "Runs whose flow is under way.", COUNTS.runs_under_way
    )


def _recorder() -> Iterator[Metric]:
    name = "integrator_recorder"
    waiting = COUNTS.queued - COUNTS.taken
    yield GaugeMetricFamily(f"{name}_queue", "Runs that wait to be recorded.", waiting)
    yield GaugeMetricFamily(f"{name}_queue_size", "Most that can wait.", QUEUE)
    counted = {
        "waits": ("Runs that had to wait for room in the queue.", COUNTS.waited_for_room),
        "batches": ("Batches of runs that were written.", COUNTS.batches),
        "rows": ("Runs that were stored: as they began, as they went on, or ended.", COUNTS.rows),
        "lost": ("Runs that could not be stored.", COUNTS.not_recorded),
    }
    for what, (words, number) in counted.items():
        yield CounterMetricFamily(f"{name}_{what}", words, number)


def _queued() -> Iterator[Metric]:
    """What the database tells, where it can be asked."""
    with contextlib.suppress(Error):
        queued = Run.objects.filter(status=QUEUED).count()
        words = "Asynchronous runs that have not begun, of all servers of this database."
        yield GaugeMetricFamily("integrator_async_queue", words, queued)


def _by(label: str, name: str, words: str, counts: Mapping[str, int]) -> Metric:
    metric = CounterMetricFamily(name, words, labels=[label])
    for value, count in sorted(dict(counts).items()):
        metric.add_metric([value], count)
    return metric


REGISTRY.register(_Counted())
