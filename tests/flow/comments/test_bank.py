"""The shelves of the bank: who sees entries, who may change them, and that they are durable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hocba_tui.errors import Conflict, NotAllowed, Refused
from hocba_tui.flow.comments import bank as bank_module
from hocba_tui.flow.comments.bank import bank_of, forget, keep, on_shelf, shipped
from hocba_tui.flow.desk import BANK
from hocba_tui.flow.preferences import bank_use, calling, count_bank_use, keep_calling
from hocba_tui.model.bank import BankEntry, Calling, Shelf
from hocba_tui.model.values import Period
from hocba_tui.store.backend import Edit
from tests.conftest import DeskAs
from tests.support.stores import flaws

MINE = BankEntry("tvr1", "{ten} đọc hay.", "TV", "T", (4, 5), (Period.END_YEAR,), Shelf.OWN)


def codes(entries: tuple[BankEntry, ...]) -> set[str]:
    return {entry.code for entry in entries}


def test_what_is_kept_comes_back_the_same_in_another_process(desk_as: DeskAs) -> None:
    keep(desk_as("gv.5a"), [MINE], Shelf.OWN)
    assert on_shelf(desk_as("gv.5a"), Shelf.OWN) == (MINE,)
    assert MINE in bank_of(desk_as("gv.5a"))


def test_it_survives_the_loss_of_everything_but_the_journal(desk_as: DeskAs, store_root: Path) -> None:
    keep(desk_as("gv.5a"), [MINE], Shelf.OWN)
    (store_root / "school" / "data.json").unlink(missing_ok=True)
    assert on_shelf(desk_as("gv.5a"), Shelf.OWN) == (MINE,)
    assert [flaw for flaw in flaws(store_root) if flaw.lost] == []


def test_nobody_sees_what_another_person_keeps(desk_as: DeskAs) -> None:
    keep(desk_as("gv.5a"), [MINE], Shelf.OWN)
    for account in ("gv.4a", "hieutruong", "gv.5", ""):
        other = replace(desk_as("gv.4a"), account=account)
        assert "tvr1" not in codes(bank_of(other))
        assert on_shelf(other, Shelf.OWN) == ()


def test_everybody_sees_what_the_heads_keep_for_the_school(desk_as: DeskAs) -> None:
    keep(desk_as("hieutruong"), [MINE], Shelf.SCHOOL)
    assert replace(MINE, shelf=Shelf.SCHOOL) in bank_of(desk_as("gv.4a"))


@pytest.mark.parametrize("account", ["gv.5a", "admin", "vanthu"])
def test_only_the_heads_change_the_schools_shelf(desk_as: DeskAs, account: str) -> None:
    with pytest.raises(NotAllowed, match="không được làm việc này"):
        keep(desk_as(account), [MINE], Shelf.SCHOOL)
    keep(desk_as("hieutruong"), [MINE], Shelf.SCHOOL)
    with pytest.raises(NotAllowed):
        forget(desk_as(account), "tvr1", Shelf.SCHOOL)
    assert codes(on_shelf(desk_as(account), Shelf.SCHOOL)) == {"tvr1"}


def test_what_came_along_cannot_be_changed_but_something_of_ones_own_stands_before_it(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    first = shipped()[0]
    with pytest.raises(NotAllowed, match="có sẵn"):
        keep(desk, [first], Shelf.SHIPPED)
    keep(desk_as("hieutruong"), [replace(first, text="Lời của trường.")], Shelf.SCHOOL)
    keep(desk, [replace(first, text="Lời của tôi.")], Shelf.OWN)
    assert [entry.text for entry in bank_of(desk) if entry.code == first.code] == ["Lời của tôi."]
    assert [entry.text for entry in bank_of(desk_as("gv.4a")) if entry.code == first.code] == ["Lời của trường."]
    forget(desk, first.code, Shelf.OWN)
    assert [entry.text for entry in bank_of(desk) if entry.code == first.code] == ["Lời của trường."]
    assert len(bank_of(desk)) == len(shipped())


def test_who_has_left_or_is_unknown_keeps_nothing(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    desk.school_shard.change("hieutruong", "leave", [Edit("staff", "gv.5a", "left", None, "2026-01-01")])
    for account in ("gv.5a", "nobody", ""):
        with pytest.raises(NotAllowed):
            keep(replace(desk, account=account), [MINE], Shelf.OWN)


def test_one_entry_that_cannot_be_kept_keeps_the_others_out(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    with pytest.raises(Refused, match="mức “Đ”"):
        keep(desk, [MINE, replace(MINE, code="b", levels="Đ")], Shelf.OWN)
    assert on_shelf(desk, Shelf.OWN) == ()


def test_code_and_text_are_tidied_and_nothing_new_is_no_change(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    keep(desk, [replace(MINE, code=" ĐR 1", text="  {ten}  đọc hay. ")], Shelf.OWN)
    assert on_shelf(desk, Shelf.OWN) == (replace(MINE, code="dr1"),)
    seq = desk.school_shard.seq
    assert keep(desk, [replace(MINE, code="dr1")], Shelf.OWN) is None
    assert desk.school_shard.seq == seq


def test_a_changed_entry_drops_what_it_no_longer_says(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    keep(desk, [MINE], Shelf.OWN)
    keep(desk, [BankEntry("tvr1", "Đọc hay lắm.")], Shelf.OWN)
    assert on_shelf(desk, Shelf.OWN) == (BankEntry("tvr1", "Đọc hay lắm.", shelf=Shelf.OWN),)


def test_two_heads_who_change_one_entry_at_once_do_not_overwrite_each_other(desk_as: DeskAs) -> None:
    first, second = desk_as("hieutruong"), desk_as("phohieutruong")
    keep(first, [MINE], Shelf.SCHOOL)
    shard = second.school_shard
    stale = [Edit(BANK, "/tvr1", "text", MINE.text, "Lời thứ hai.")]
    keep(first, [replace(MINE, text="Lời thứ nhất.")], Shelf.SCHOOL)
    with pytest.raises(Conflict):
        shard.change("phohieutruong", "keep_bank", stale)
    assert [entry.text for entry in on_shelf(second, Shelf.SCHOOL)] == ["Lời thứ nhất."]


def test_what_is_not_there_cannot_be_taken_off(desk_as: DeskAs) -> None:
    with pytest.raises(Refused, match="Không có lời nào"):
        forget(desk_as("gv.5a"), "tvt1", Shelf.OWN)


def test_a_shelf_has_an_end(desk_as: DeskAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_module, "MOST", 3)
    desk = desk_as("gv.5a")
    keep(desk, [replace(MINE, code=f"r{number}") for number in range(3)], Shelf.OWN)
    keep(desk, [replace(MINE, code="r2", text="Lời khác đi.")], Shelf.OWN)
    with pytest.raises(Refused, match="chỉ chứa 3"):
        keep(desk, [replace(MINE, code="r9")], Shelf.OWN)
    assert len(on_shelf(desk, Shelf.OWN)) == 3
    keep(desk_as("gv.4a"), [MINE], Shelf.OWN)


def test_use_is_counted_for_each_person_and_survives(desk_as: DeskAs) -> None:
    count_bank_use(desk_as("gv.5a"), ["tvt1", "tvt2"])
    count_bank_use(desk_as("gv.5a"), ["tvt1"])
    assert bank_use(desk_as("gv.5a")) == {"tvt1": 2, "tvt2": 1}
    assert bank_use(desk_as("gv.4a")) == {}


def test_what_a_person_calls_pupils_is_remembered(desk_as: DeskAs) -> None:
    assert calling(desk_as("gv.5a")) is Calling.EM
    keep_calling(desk_as("gv.5a"), Calling.CON)
    assert calling(desk_as("gv.5a")) is Calling.CON
    assert calling(desk_as("gv.4a")) is Calling.EM
    keep_calling(desk_as("gv.5a"), Calling.EM)
    assert calling(desk_as("gv.5a")) is Calling.EM
