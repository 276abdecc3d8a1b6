"""The tables of tests: no row is left out, and every bad one is told."""

from __future__ import annotations

import inspect

import pytest

from tests.support.table import BadRows, table


def notes(group: BadRows) -> list[list[str]]:
    return [[note.removeprefix("  row: ") for note in error.__notes__] for error in group.exceptions]


def test_each_bad_row_is_told_with_its_values() -> None:
    seen: list[int] = []

    @table("number", [1, 2, 3, 4])
    def odd(number: int) -> None:
        seen.append(number)
        assert number % 2

    with pytest.raises(BadRows) as failed:
        odd()
    assert seen == [1, 2, 3, 4]
    assert notes(failed.value) == [["number=2"], ["number=4"]]


def test_tables_above_each_other_go_through_every_pair() -> None:
    seen: list[tuple[int, str, str]] = []

    @table("number", [1, 2])
    @table(("one", "two"), [("a", "b"), ("c", "d")])
    def pair(number: int, one: str, two: str) -> None:
        seen.append((number, one, two))
        raise KeyError(one)

    with pytest.raises(BadRows) as failed:
        pair()
    assert seen == [(1, "a", "b"), (1, "c", "d"), (2, "a", "b"), (2, "c", "d")]
    assert notes(failed.value) == [
        ["one='a', two='b'", "number=1"], ["one='c', two='d'", "number=1"],
        ["one='a', two='b'", "number=2"], ["one='c', two='d'", "number=2"],
    ]  # fmt: skip


def test_a_row_that_raises_nothing_where_it_should_is_bad_too() -> None:
    @table("text", ["1", "x", "2"])
    def no_number(text: str) -> None:
        with pytest.raises(ValueError, match="invalid"):
            int(text)

    with pytest.raises(BadRows) as failed:
        no_number()
    assert notes(failed.value) == [["text='1'"], ["text='2'"]]


@table("unused", [0])
def test_fixtures_come_through(tmp_path_factory: pytest.TempPathFactory, unused: int) -> None:
    assert tmp_path_factory.getbasetemp().is_dir()


def test_only_the_fixtures_are_asked_of_pytest() -> None:
    assert list(inspect.signature(test_fixtures_come_through).parameters) == ["tmp_path_factory"]


def test_a_table_without_rows_or_with_a_row_too_short_is_no_test() -> None:
    with pytest.raises(ValueError, match="no row for number"):
        table("number", [])

    @table("one, two", [(1, 2), (3,)])
    def two(one: int, two: int) -> None:
        pass

    with pytest.raises(ValueError, match="shorter"):
        two()
