"""Which old backups are removed: never the newest, never other files, never more than the rules say."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.errors import NotSaved
from hocba_tui.store.backups.copies import drop, kept_times, key_of, prefix_of, read_name, surplus

FIRST = datetime(2024, 1, 1)
TIMES = st.sets(st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)), max_size=60)
COUNTS = st.tuples(st.integers(0, 10), st.integers(0, 8), st.integers(0, 15))


MINE, OTHER = "99000999-0123456789ab-aaaaaa", "99000999-ba9876543210-aaaaaa"
OTHER_KEY = "99000999-0123456789ab-bbbbbb"
AGE = b"age-encryption.org/v1\n"


def name(time: datetime, whose: str = MINE, ending: str = "") -> str:
    return f"hocba-{whose}{'-' if whose else ''}{time:%Y%m%d-%H%M%S}{ending}.tar.gz.age"


def lay(folder: Path, *names: str) -> None:
    for one in names:
        (folder / one).write_bytes(AGE)


def old(folder: Path, newest: str, *counts: int) -> list[str]:
    return [path.name for path in surplus(folder / newest, *(counts or (0, 0, 0))).old]


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
    assert len(old(tmp_path, name(nights[0]), 7, 5, 12)) == len(nights) - len(kept)


def test_the_week_of_new_year_is_one_week() -> None:
    times = {datetime(2024, 12, 30, 22), datetime(2025, 1, 5, 22), datetime(2024, 12, 29, 22)}
    assert kept_times(times, 0, 2, 0) == {datetime(2025, 1, 5, 22), datetime(2024, 12, 29, 22)}


def test_several_on_one_day_leave_the_last(tmp_path: Path) -> None:
    names = [name(datetime(2026, 6, 10, hour)) for hour in range(5)]
    lay(tmp_path, *names)
    assert old(tmp_path, names[-1], 7, 5, 12) == names[:-1]


def test_names_that_are_not_ours_are_never_touched(tmp_path: Path) -> None:
    newest = name(datetime(2024, 1, 2))
    others = [
        "sent.log",
        f"{newest}.bak",
        f"x{newest}",
        newest.replace(".age", ".AGE"),
        "hocba-20240101.tar.gz",
        "hocba-20240101-000000.tar",
        "before-format-2-20240101-000000.tar.gz",
        f".{name(FIRST)}.17.tmp",
        "bài giảng.docx",
    ]
    lay(tmp_path, *others, name(FIRST), newest)
    drop(surplus(tmp_path / newest, 0, 0, 0).old)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, newest])


@pytest.mark.parametrize("stamp", ["20261399-000000", "00000000-000000", "20260230-120000", "20260610-250000"])
def test_a_name_with_no_real_date_is_nobodys_business(tmp_path: Path, stamp: str) -> None:
    newest = name(datetime(2026, 6, 10))
    lay(tmp_path, f"hocba-{MINE}-{stamp}.tar.gz.age", newest)
    assert surplus(tmp_path / newest, 1, 1, 1).old == ()


# --- whose a copy is -------------------------------------------------------------------------------

DAYS = [datetime(2026, 6, day, 22) for day in range(1, 6)]


def test_only_copies_of_the_same_store_count(tmp_path: Path) -> None:
    mine, others = [name(day) for day in DAYS], [name(day, OTHER) for day in DAYS]
    lay(tmp_path, *mine, *others)
    assert old(tmp_path, mine[-1]) == mine[:-1]
    assert old(tmp_path, others[-1]) == others[:-1]


def test_copies_of_an_unknown_store_stay_and_are_named(tmp_path: Path) -> None:
    unknown, newest = [name(day, "") for day in DAYS], name(DAYS[-1])
    lay(tmp_path, *unknown, newest)
    found = surplus(tmp_path / newest, 0, 0, 0)
    assert found.old == ()
    assert [path.name for path in found.unknown] == unknown


def test_a_store_without_an_identity_removes_nothing(tmp_path: Path) -> None:
    unknown = [name(day, "") for day in DAYS]
    lay(tmp_path, *unknown)
    assert old(tmp_path, unknown[-1]) == []


def test_a_copy_to_other_recipients_never_replaces_one(tmp_path: Path) -> None:
    """Nobody may have the new key any more; who has the old one still opens the old copies."""
    before, newest = [name(day, OTHER_KEY) for day in DAYS[:3]], [name(day) for day in DAYS[3:]]
    lay(tmp_path, *before, *newest)
    found = surplus(tmp_path / newest[-1], 0, 0, 0)
    assert [path.name for path in found.old] == [newest[0]]
    assert [path.name for path in found.other_key] == before


def test_the_key_is_the_same_whatever_the_order_and_the_remarks() -> None:
    one, two = "age1aaa", "ssh-ed25519 AAAA hieutruong@truong"
    assert key_of([one, two]) == key_of(["# két", " ssh-ed25519 AAAA", "age1aaa ", one])
    assert len({key_of(list(keys)) for keys in ((one,), (two,), (one, two))}) == 3


@pytest.mark.parametrize("school", ["99000999", "Trường Tiểu học Liễu Đề", "", "  ", "../../x", "日本"])
def test_a_name_is_read_as_it_was_written(tmp_path: Path, school: str) -> None:
    prefix = prefix_of(school, "01234567-89ab-4def-8123-456789abcdef", ["age1x"])
    copy = read_name(tmp_path / f"{prefix}-20260610-223000-damaged.tar.gz.age")
    assert copy is not None
    assert (copy.identity, copy.key, copy.damaged) == ("0123456789ab", key_of(["age1x"]), True)
    assert copy.time == datetime(2026, 6, 10, 22, 30)


# --- nothing goes while something is wrong ---------------------------------------------------------


def test_a_copy_of_a_damaged_store_replaces_nothing_and_never_counts(tmp_path: Path) -> None:
    good, damaged = [name(day) for day in DAYS[:2]], [name(day, ending="-damaged") for day in DAYS[2:4]]
    lay(tmp_path, *good, *damaged)
    assert old(tmp_path, damaged[-1]) == []
    lay(tmp_path, name(DAYS[4]))
    assert old(tmp_path, name(DAYS[4]), 2, 0, 0) == good[:1]


@pytest.mark.parametrize("data", [b"", b"\0" * 999, b"x", AGE[:10]])
def test_what_is_no_copy_any_more_does_not_count(tmp_path: Path, data: bytes) -> None:
    names = [name(day) for day in DAYS]
    lay(tmp_path, *names)
    (tmp_path / names[3]).write_bytes(data)
    assert old(tmp_path, names[4], 2, 0, 0) == names[:2]


def test_a_new_copy_that_is_gone_or_empty_replaces_nothing(tmp_path: Path) -> None:
    names = [name(day) for day in DAYS]
    lay(tmp_path, *names)
    (tmp_path / names[4]).write_bytes(b"")
    assert old(tmp_path, names[4]) == []
    (tmp_path / names[4]).unlink()
    assert old(tmp_path, names[4]) == []


@pytest.mark.parametrize("ending", ["", "-damaged"])
@pytest.mark.parametrize("whose", [MINE, OTHER_KEY])
def test_a_clock_that_was_set_back_lets_nothing_go(tmp_path: Path, whose: str, ending: str) -> None:
    """It is wrong now, or it was when the later one was made: either way the order is not known."""
    names = [name(day) for day in DAYS]
    later = name(datetime(2099, 1, 1), whose, ending)
    lay(tmp_path, *names, later)
    found = surplus(tmp_path / names[-1], 0, 0, 0)
    assert found.old == ()
    assert found.later == tmp_path / later


def test_the_clock_of_another_store_does_not_matter(tmp_path: Path) -> None:
    names = [name(day) for day in DAYS]
    lay(tmp_path, *names, name(datetime(2099, 1, 1), OTHER), name(datetime(2099, 1, 1), ""))
    assert old(tmp_path, names[-1]) == names[:-1]


def test_what_another_run_removed_meanwhile_is_no_fault(tmp_path: Path) -> None:
    drop([tmp_path / "none"])


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    lay(tmp_path, "after")
    with pytest.raises(NotSaved, match="Bản sao lưu mới đã ghi xong") as refused:
        drop([tmp_path / "folder", tmp_path / "after"])
    assert "CHƯA được lưu" not in str(refused.value)
    assert (tmp_path / "after").exists()


def test_negative_counts_keep_the_newest() -> None:
    assert kept_times({FIRST, FIRST + timedelta(1)}, -1, -1, -1) == {FIRST + timedelta(1)}
