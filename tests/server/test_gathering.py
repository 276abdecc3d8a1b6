"""Code that runs gets copies side by side; functions do what they did before."""

from __future__ import annotations

from collections.abc import Callable

from hocba_tui.server.gathering import gather, run_by


def adder(step: int) -> Callable[[int], int]:
    def add(to: int) -> int:
        return sum(each + step for each in (to,))

    return add


def never() -> None:
    pass


def test_what_is_run_is_told_and_its_deeds_stay_in_the_other_process() -> None:
    deeds: list[int] = []
    found = run_by(lambda: deeds.append(adder(2)(40)))
    assert id(adder.__code__) in found
    assert id(adder(2).__code__) in found
    assert id(never.__code__) not in found
    assert deeds == []


def test_what_fails_tells_nothing() -> None:
    assert run_by(lambda: 1 // 0) == set()


def test_functions_work_with_the_copy_of_their_code_and_others_keep_theirs() -> None:
    def adds(step: int) -> Callable[[int], int]:  # A function of the module may be kept from the collector.
        return lambda to: sum(each + step for each in (to,))

    inner, unused = adds(2), never.__code__
    before, around = inner.__code__, adds.__code__
    replaced = gather({id(before)})
    assert inner.__code__ is not before
    assert inner(40) == 42
    assert adds.__code__ is not around, "what makes such functions makes them with the copy, too"
    assert adds(1).__code__ is inner.__code__
    assert adds(1)(1) == 2
    assert never.__code__ is unused
    assert {id(before), id(around)} <= set(map(id, replaced))
