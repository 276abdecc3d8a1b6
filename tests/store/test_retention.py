"""Which old backups are removed: never the newest, never other files, never more than the rules say."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.errors import NotSaved
from hocba_tui.store.backup import drop, kept_times, old_backups

FIRST = datetime(2024, 1, 1)
TIMES = st.sets(st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)), max_size=60)
COUNTS = st.tuples(st.integers(0, 10), st.integers(0, 8), st.integers(0, 15))


def name(time: datetime, ending: str = ".age") -> str:
    return f"hocba-{time:%Y%m%d-%H%M%S}.tar.gz{ending}"


def lay(folder: Path, *names: str) -> None:
    for one in names:
        (folder / one).write_bytes(b"x")


@given(TIMES, COUNTS)
def test_the_newest_stays_and_no_more_than_asked_for(times: set[datetime], counts: tuple[int, int, int]) -> None:
    kept = kept_times(times, *counts)
    assert kept <= times
    assert not times or max(times) in kept
    assert len(kept) <= sum(counts) + 1
    assert len(kept) <= max(sum(counts), 1)


@given(TIMES, COUNTS, COUNTS)
def test_asking_for_more_never_keeps_less(
    times: set[datetime], counts: tuple[int, int, int], more: tuple[int, int, int]
) -> None:
    larger = tuple(a + b for a, b in zip(counts, more, strict=True))
    assert kept_times(times, *counts) <= kept_times(times, larger[0], larger[1], larger[2])


@given(TIMES, COUNTS)
def test_what_goes_stays_gone(times: set[datetime], counts: tuple[int, int, int]) -> None:
    """Running it again removes nothing more."""
    kept = kept_times(times, *counts)
    assert kept_times(kept, *counts) == kept


@given(TIMES, COUNTS)
def test_the_last_of_each_recent_day_week_and_month_stays(times: set[datetime], counts: tuple[int, int, int]) -> None:
    kept = kept_times(times, *counts)
    for count, form in zip(counts, ("%Y%m%d", "%G%V", "%Y%m"), strict=True):
        buckets = sorted({time.strftime(form) for time in times}, reverse=True)[:count]
        for bucket in buckets:
            assert max(time for time in times if time.strftime(form) == bucket) in kept


@given(st.integers(1, 400), COUNTS)
def test_a_backup_a_night_never_loses_a_month_that_is_asked_for(nights: int, counts: tuple[int, int, int]) -> None:
    """Removing every night keeps what removing once at the end would keep."""
    held: set[datetime] = set()
    every = [FIRST + timedelta(days=night, hours=22) for night in range(nights)]
    for time in every:
        held = kept_times(held | {time}, *counts)
        assert time in held
    months = sorted({time.strftime("%Y%m") for time in every})
    assert {time.strftime("%Y%m") for time in held} >= set(months[len(months) - min(counts[2], len(months)) :])


def test_known_examples(tmp_path: Path) -> None:
    nights = [datetime(2026, 6, 10, 22, 30) - timedelta(days=back) for back in range(400)]
    kept = sorted(kept_times(nights, 7, 5, 12), reverse=True)
    assert [f"{time:%d/%m/%y}" for time in kept] == [
        *("10/06/26", "09/06/26", "08/06/26", "07/06/26", "06/06/26", "05/06/26", "04/06/26"),
        *("31/05/26", "24/05/26", "17/05/26"),
        *("30/04/26", "31/03/26", "28/02/26", "31/01/26", "31/12/25"),
        *("30/11/25", "31/10/25", "30/09/25", "31/08/25", "31/07/25"),
    ]
    lay(tmp_path, *(name(time) for time in nights))
    assert len(old_backups(tmp_path, 7, 5, 12)) == len(nights) - len(kept)


def test_the_week_of_new_year_is_one_week() -> None:
    times = {datetime(2024, 12, 30, 22), datetime(2025, 1, 5, 22), datetime(2024, 12, 29, 22)}
    assert kept_times(times, 0, 2, 0) == {datetime(2025, 1, 5, 22), datetime(2024, 12, 29, 22)}


def test_several_on_one_day_leave_the_last(tmp_path: Path) -> None:
    lay(tmp_path, *(name(datetime(2026, 6, 10, hour)) for hour in range(5)))
    assert [path.name for path in old_backups(tmp_path, 7, 5, 12)] == [
        name(datetime(2026, 6, 10, hour)) for hour in range(4)
    ]


def test_names_that_are_not_ours_are_never_touched(tmp_path: Path) -> None:
    others = [
        "sent.log",
        "hocba-20240101-000000.tar.gz.age.bak",
        "xhocba-20240101-000000.tar.gz",
        "hocba-20240101-000000.tar.gz.AGE",
        "hocba-20240101.tar.gz",
        "hocba-20240101-000000.tar",
        "before-format-2-20240101-000000.tar.gz",
        ".hocba-20240101-000000.tar.gz.age.17.tmp",
        "bài giảng.docx",
    ]
    lay(tmp_path, *others, name(datetime(2024, 1, 1)), name(datetime(2024, 1, 2), ""))
    drop(old_backups(tmp_path, 0, 0, 0))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, name(datetime(2024, 1, 2), "")])


@pytest.mark.parametrize("stamp", ["20261399-000000", "00000000-000000", "20260230-120000", "20260610-250000"])
def test_a_name_with_no_real_date_is_nobodys_business(tmp_path: Path, stamp: str) -> None:
    lay(tmp_path, f"hocba-{stamp}.tar.gz", name(datetime(2026, 6, 10)))
    assert old_backups(tmp_path, 1, 1, 1) == []


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotSaved):
        drop([tmp_path / "none"])


def test_negative_counts_keep_the_newest() -> None:
    assert kept_times({FIRST, FIRST + timedelta(1)}, -1, -1, -1) == {FIRST + timedelta(1)}
