"""The computer's clock: set while a program runs, and whether the kernel vouches for it."""

from __future__ import annotations

import ctypes
import time

import pytest

from hocba_tui import clock


def test_a_clock_that_nobody_sets_has_not_been_set() -> None:
    assert abs(clock.set_by()) < 1


@pytest.mark.parametrize("by", [-7200.0, 3600.0])
def test_a_clock_that_is_set_is_noticed(monkeypatch: pytest.MonkeyPatch, by: float) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + by)
    assert clock.set_by() == pytest.approx(by, abs=1)


@pytest.mark.parametrize(("answer", "status", "said"), [(0, 0x2001, True), (5, 0x40, False), (-1, 0, None)])
def test_the_kernel_says_whether_the_clock_follows_others(
    monkeypatch: pytest.MonkeyPatch, answer: int, status: int, said: bool | None
) -> None:
    class Kernel:
        @staticmethod
        def adjtimex(pointer: object) -> int:
            pointer._obj.status = status  # type: ignore[attr-defined]
            return answer

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Kernel)
    monkeypatch.setattr("sys.platform", "linux")
    assert clock.synchronised() is said


def test_the_real_kernel_is_asked_without_an_error() -> None:
    assert clock.synchronised() in (True, False, None)
