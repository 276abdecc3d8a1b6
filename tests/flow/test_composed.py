"""Decomposed text comes from Macs, phones and Excel; whatever door it takes, it is kept composed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.flow.desk import PUPILS, RESULTS, Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.pupils.pupils_import import apply, preview
from hocba_tui.flow.school.issue_rounds import open_round
from hocba_tui.flow.school.periods import set_open
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import AWARD, COMMENT, Cell, homeroom_comment
from hocba_tui.model.values import Period
from hocba_tui.rules.lawful import Lawful, is_mark, read_typed
from hocba_tui.store.backend import SCHOOL
from hocba_tui.text import clean_block
from tests.conftest import DeskAs
from tests.support.whole_year import END, room_of

TEXT = "Đặng Thuỳ Hoà ở xã Nghĩa Đồng"
DECOMPOSED = unicodedata.normalize("NFD", TEXT)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (*strings(key), *strings(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def kept_composed(values: object, text: str = TEXT) -> bool:
    found = list(strings(values))
    return any(text in kept for kept in found) and all(unicodedata.is_normalized("NFC", kept) for kept in found)


@given(st.text("aăâeêioôơuưyđĐÐ \u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b\n", max_size=60))
def test_typed_text(text: str) -> None:
    assume(not is_mark(clean_block(text)))
    for cell in (homeroom_comment(END), Cell(END, "TOAN", COMMENT), AWARD):
        read = read_typed(unicodedata.normalize("NFD", text), cell, room_of(5))
        assert isinstance(read, Lawful)
        assert read == read_typed(unicodedata.normalize("NFC", text), cell, room_of(5))
        assert unicodedata.is_normalized("NFC", str(read.value or ""))


def first(desk: Desk) -> Pupil:
    return desk.pupils("5A")[0]


def test_entered_comment(desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    pupil, cell = first(desk), homeroom_comment(Period.END_YEAR)
    seen = desk.class_shard("5A").document(RESULTS, pupil.key).get(cell.field)
    enter(desk, "5A", [Typed(pupil.key, cell, DECOMPOSED, seen)])
    assert kept_composed(dict(desk_as("gv.5a").class_shard("5A").document(RESULTS, pupil.key)))


@pytest.mark.parametrize("field", ["name", "ethnic", "birthplace", "hometown", "address", "father", "mother"])
def test_corrected_pupil(desk_as: DeskAs, field: str) -> None:
    desk = desk_as("gv.5a")
    key = first(desk).key
    correct_pupil(desk, "5A", key, {field: DECOMPOSED})
    assert kept_composed(dict(desk_as("gv.5a").class_shard("5A").document(PUPILS, key)))


def test_class_list(desk_as: DeskAs, tmp_path: Path) -> None:
    new = Pupil(
        "", code="9911111111", name=DECOMPOSED, birth="2015-05-05", sex="female", personal_id="999315111111",
        ethnic=DECOMPOSED, birthplace=DECOMPOSED, hometown=DECOMPOSED, address=DECOMPOSED, father=DECOMPOSED,
        mother=DECOMPOSED, guardian=DECOMPOSED, register_no=DECOMPOSED, joined="2026-03-02",
    )  # fmt: skip
    path = tmp_path / "list.xlsx"
    write_class_list(path, "99L005", [new])
    desk = desk_as("vanthu")
    assert apply(desk, preview(desk, path)) == 1
    (kept,) = (p for p in desk_as("vanthu").pupils("5A") if p.code == new.code)
    assert kept_composed(kept.to_fields())
    assert kept.name == kept.register_no == TEXT


def test_place_and_reason_of_the_principal(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    opened = open_round(desk, DECOMPOSED, "12/06/2026", DECOMPOSED)
    assert (opened.place, opened.name) == (TEXT, TEXT)
    set_open(desk, Period.MID_1, is_open=True, reason=DECOMPOSED)
    journal = [entry.note for entry in desk_as("hieutruong").store.shard(SCHOOL).entries()]
    assert TEXT in journal
    assert all(unicodedata.is_normalized("NFC", reason) for reason in journal)
