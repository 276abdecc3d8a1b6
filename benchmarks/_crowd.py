"""Many processes that start together, each changing something as fast as it can for a while."""

from __future__ import annotations

import multiprocessing
import time
from array import array
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

Change = Callable[[int], object]
"""Make one durable change; called with 0, 1, 2, …"""
_WARM_UP = 6
"""Changes before the time counts: a forked process first copies the memory that it touches."""
_FORK = multiprocessing.get_context("fork")
"""Forty interpreters that each import everything would take longer than the measurement."""


class Crowd(NamedTuple):
    """The result of one crowd."""

    rate: float
    """Changes per second that were finished in time."""
    least: float
    """Changes of the process that got the fewest."""
    most: float
    p99: float
    """Milliseconds that 99 of 100 changes did not exceed."""


def percentile(values: list[float], percent: float) -> float:
    """Return the value that ``percent`` of 100 do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


def together(processes: int, work: Callable[[int, Barrier], array[float]]) -> list[array[float]]:
    """Run ``work`` in so many processes and return what each measured; all wait at the barrier to start."""
    barrier = _FORK.Barrier(processes)
    pipes = [_FORK.Pipe(duplex=False) for _ in range(processes)]
    children = [
        _FORK.Process(target=_report, args=(work, number, barrier, pipe[1])) for number, pipe in enumerate(pipes)
    ]
    for child in children:
        child.start()
    for _, sending in pipes:
        sending.close()
    # A child that failed has printed why; its pipe is closed and ends the measurement here.
    measured = [array("d", receiving.recv_bytes()) for receiving, _ in pipes]
    for child in children:
        child.join()
    return measured


def _report(work: Callable[[int, Barrier], array[float]], number: int, barrier: Barrier, sending: Connection) -> None:
    try:
        sending.send_bytes(work(number, barrier).tobytes())
    except BaseException:
        barrier.abort()
        raise


def crowd(processes: int, seconds: float, worker: Callable[[int], Change]) -> Crowd:
    """Run so many processes that change as fast as they can; ``worker`` makes the change of one of them."""

    def work(number: int, barrier: Barrier) -> array[float]:
        change, step, took = worker(number), _WARM_UP, array("d", [0.0])
        for early in range(_WARM_UP):
            change(early)
        barrier.wait()
        begin = time.perf_counter()
        end = begin + seconds
        while begin < end:
            change(step)
            done = time.perf_counter()
            took.append(done - begin)
            step += done <= end
            begin = done
        took[0] = step - _WARM_UP
        return took

    measured = together(processes, work)
    counts = [each[0] for each in measured]
    latencies = [took * 1000 for each in measured for took in each[1:]]
    return Crowd(sum(counts) / seconds, min(counts), max(counts), percentile(latencies, 99))
