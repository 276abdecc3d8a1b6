"""Coming, leaving and changing class, by keyboard at 80 by 24."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from hocba_tui.flow.grades.missing import missing
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.pupils.facts import EDITABLE
from hocba_tui.flow.school.classes import save_class
from hocba_tui.model.pupil import Enrolment
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.grid.page import GridPage
from hocba_tui.screens.school.roster import RosterPage
from tests.conftest import Open
from tests.support.text_of import agree, choose, press_seen, screen_text, status, until_on


async def test_a_pupil_is_admitted_without_a_code(open_app: Open, store_root: Path) -> None:
    async with open_app("gv.5a", "roster", class_key="5A") as pilot:
        await choose(pilot, "Thêm em")
        assert "Thêm học sinh vào lớp 5A" in screen_text(pilot)
        await pilot.press(*"Lo An", "f2")
        await pilot.pause()
        assert "bắt buộc" in screen_text(pilot)
        await pilot.press("down", *"05/05/2015", "f2")
        await pilot.pause()
        assert status(pilot).startswith("Đã thêm Lo An, mã TAM-")
    assert "Lo An" in {pupil.name for pupil in open_desk(store_root, "gv.5a").pupils("5A")}


async def test_leaving_is_asked_once_by_name_and_no_is_no(open_app: Open, store_root: Path) -> None:
    pupil = open_desk(store_root, "gv.5a").pupils("5A")[0]
    async with open_app("gv.5a", "roster", class_key="5A", pupil=pupil.key) as pilot:
        await choose(pilot, "Rời trường")
        assert f"{pupil.name} rời trường?" in screen_text(pilot)
        await press_seen(pilot, "escape")
        assert isinstance(pilot.app.screen, RosterPage)
    assert open_desk(store_root, "gv.5a").pupils("5A")[0].studying


async def test_n_leads_to_the_first_gap_of_the_pupil_or_of_the_class(open_app: Open, store_root: Path) -> None:
    gaps = missing(open_desk(store_root, "gv.5a"), "5A", Period.END_YEAR)
    async with open_app("gv.5a", "roster", class_key="5A", pupil=gaps[1].pupil.key) as pilot:
        await press_seen(pilot, "n")
        await until_on(pilot, GridPage)
        assert place(pilot) == (gaps[1].pupil.key, gaps[1].cells[0])
    async with open_app("gv.5a", "classes") as pilot:
        await press_seen(pilot, "N")
        await until_on(pilot, GridPage)
        assert place(pilot) == (gaps[0].pupil.key, gaps[0].cells[0])


def place(pilot: Pilot[Any]) -> tuple[str, Cell]:
    grid = pilot.app.screen
    assert isinstance(grid, GridPage)
    marks, model = grid.entry.marks, grid.grid.model
    return marks.pupils[model.row].key, marks.columns[model.column].cell


async def test_a_pupil_leaves_and_comes_back(open_app: Open, store_root: Path) -> None:
    pupil = open_desk(store_root, "gv.5a").pupils("5A")[0]
    async with open_app("gv.5a", "roster", class_key="5A", pupil=pupil.key) as pilot:
        await choose(pilot, "Học lại")
        assert status(pilot) == f"{pupil.name} đang học."
        await choose(pilot, "Rời trường")
        assert f"F7: ghi {pupil.name} rời trường" in screen_text(pilot)
        await agree(pilot)
        await until_on(pilot, AskFields)
        await pilot.press("f2")
        await pilot.pause()
        assert "đã rời trường" in status(pilot)
        assert not next(p for p in open_desk(store_root, "gv.5a").pupils("5A", with_left=True) if p == pupil or p.key
                        == pupil.key).studying  # fmt: skip
        await choose(pilot, "Rời trường")
        assert status(pilot) == f"{pupil.name} đã rời trường."
        await choose(pilot, "Học lại")
        await pilot.press("f2")
        await pilot.pause()
        assert "học lại ở lớp 5A" in status(pilot)
    back = next(p for p in open_desk(store_root, "gv.5a").pupils("5A") if p.key == pupil.key)
    assert back.enrolment == (Enrolment("left", "2026-06-10", "", "Chuyển đi"), Enrolment("returned", "2026-06-10"))


async def test_a_pupil_changes_class(open_app: Open, store_root: Path) -> None:
    desk = open_desk(store_root, "vanthu")
    pupil = desk.pupils("5A")[0]
    async with open_app("vanthu", "roster", class_key="5A", pupil=pupil.key) as pilot:
        await choose(pilot, "Chuyển lớp")
        assert "không có lớp nào khác" in status(pilot)
    save_class(desk, "5B", {"grade": 5})
    async with open_app("vanthu", "roster", class_key="5A", pupil=pupil.key) as pilot:
        await choose(pilot, "Chuyển lớp")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("f2")
        await pilot.pause()
        assert "đã sang lớp 5B" in status(pilot)
    assert [p.key for p in open_desk(store_root, "vanthu").pupils("5B")] == [pupil.key]


async def test_the_whole_form_of_a_pupil_is_reached_and_saved(open_app: Open, store_root: Path) -> None:
    pupil = open_desk(store_root, "gv.5a").pupils("5A")[0]
    async with open_app("gv.5a", "roster", class_key="5A", pupil=pupil.key) as pilot:
        await pilot.press("e")
        await pilot.pause()
        assert "Khối (lớp ghép)" not in screen_text(pilot)
        await pilot.press(*["down"] * list(EDITABLE).index("not_in_plan"), *"AN", "f2")
        await pilot.pause()
        assert status(pilot).startswith("Đã lưu.")
    assert open_desk(store_root, "gv.5a").pupils("5A")[0].not_in_plan == "AN"


async def test_who_may_not_is_not_asked(open_app: Open) -> None:
    async with open_app("gv.tin", "roster", class_key="5A") as pilot:
        await press_seen(pilot, "f3")
        assert status(pilot) == "Không có việc nào khác ở đây."
