"""What this process has counted of its calls and runs, for operators (`dynamic.runs.metrics`).

Plain numbers, written on the event loop's thread: a call pays a few tenths of a microsecond.
"""

from bisect import bisect_left
from collections import Counter

SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0)  # the upper bounds of the histogram of runs


class Counts:
    def __init__(self) -> None:
        self.answers = [0] * 6  # by the first digit of their status
        self.refusals: Counter[str] = Counter()  # by code
        self.runs: Counter[str] = Counter()  # those that ended, by status
        self.runs_by_time = [0] * (len(SECONDS) + 1)
        self.seconds_of_runs = 0.0
        self.runs_under_way = 0
        self.queued = 0  # to be recorded: runs as they end, and as they stand
        self.taken = 0  # out of that queue
        self.waited_for_room = 0  # of those that were queued
        self.batches = 0
        self.rows = 0
        self.not_recorded = 0

    def run_ended(self, status: str, seconds: float) -> None:
        self.runs[status] += 1
        self.runs_by_time[bisect_left(SECONDS, seconds)] += 1
        self.seconds_of_runs += seconds


COUNTS = Counts()
