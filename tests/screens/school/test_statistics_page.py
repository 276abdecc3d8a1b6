"""The numbers of the school, read at 80 columns."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from textual.pilot import Pilot
from textual.widgets import Input

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.statistics import census
from hocba_tui.model.statistics import CATEGORIES, Kind, Topic
from hocba_tui.model.values import Period
from hocba_tui.screens.dialogs import Choose, Notice
from hocba_tui.screens.palette import Palette
from hocba_tui.screens.school.statistics import StatisticsPage
from tests.conftest import Open
from tests.support.text_of import screen_text, status, title


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


def lines(pilot: Pilot[Any]) -> list[str]:
    return screen_text(pilot).splitlines()


async def test_the_first_table_is_the_outcomes_of_the_whole_school(open_app: Open, store_root: Path) -> None:
    whole = census(open_desk(store_root, "hieutruong")).rows(Topic(Kind.OUTCOMES), Period.END_YEAR)[0]
    async with open_app("hieutruong", "statistics") as pilot:
        assert title(pilot) == "Thống kê › Cuối năm › Đánh giá kết quả giáo dục"
        shown = lines(pilot)
        assert shown[2].split() == ["Khối,", "lớp", "Kết", "quả", "Tổng", "Nữ", "DTTS", "Nữ", "DTTS", "KT"]
        assert shown[3].split() == ["Toàn", "trường", "Số", "học", "sinh", *map(str, whole.total.values)]
        best = whole.parts["HTXS"]
        assert shown[4].split()[:9] == ["Hoàn", "thành", "xuất", "sắc", *map(str, best.values)]


async def test_every_number_stands_under_its_title(open_app: Open) -> None:
    async with open_app("hieutruong", "statistics") as pilot:
        header, first = lines(pilot)[2:4]
        ends = [header.index(name) + len(name) for name in ("Tổng", " Nữ ", "DTTS", "Nữ DTTS", "KT")]
        ends[1] -= 1
        assert all(first[end - 1].isdigit() and not first[end : end + 1].strip() for end in ends)


async def test_tables_follow_one_another_in_both_directions(open_app: Open) -> None:
    async with open_app("hieutruong", "statistics") as pilot:
        await press(pilot, "right")
        assert title(pilot).endswith("› Hoàn thành chương trình")
        await press(pilot, "left", "left")
        assert title(pilot).endswith("› Phẩm chất, năng lực › Thể chất")
        await press(pilot, "space")
        assert title(pilot).endswith("› Đánh giá kết quả giáo dục")


async def test_a_table_is_chosen_by_name_and_kept_in_another_period(open_app: Open) -> None:
    async with open_app("hieutruong", "statistics") as pilot:
        await press(pilot, "s")
        assert isinstance(pilot.app.screen, Choose)
        await press(pilot, *["down"] * 5, "enter", "right")
        assert title(pilot) == "Thống kê › Cuối năm › Mức các môn học › Toán"
        await press(pilot, "p", "up", "enter")
        assert title(pilot) == "Thống kê › Giữa HK II › Mức các môn học › Toán"


async def test_the_year_has_no_outcome_before_its_end(open_app: Open) -> None:
    async with open_app("hieutruong", "statistics") as pilot:
        await press(pilot, "p", "up", "enter")
        assert title(pilot) == "Thống kê › Giữa HK II › Mức các môn học › Tiếng Việt"
        await press(pilot, "s")
        assert "Đánh giá kết quả" not in screen_text(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Thống kê › Giữa HK II › Mức các môn học › Tiếng Việt"


async def test_a_low_result_shows_its_nought_and_an_empty_side_line_does_not(open_app: Open) -> None:
    async with open_app("gv.1a", "statistics") as pilot:
        await press(pilot, *["right"] * 5)
        assert title(pilot).endswith("› Mức các môn học › Tiếng Việt")
        text = screen_text(pilot)
        assert "Chưa hoàn thành (C)" in text
        assert "Miễn" not in text
        assert "Không đánh giá" not in text


async def test_classes_can_be_left_out(open_app: Open) -> None:
    async with open_app("hieutruong", "statistics") as pilot:
        assert any(line.strip().startswith("1A ") for line in lines(pilot))
        await press(pilot, "l")
        assert not any(line.strip().startswith("1A ") for line in lines(pilot))
        assert any(line.strip().startswith("Khối 2 ") for line in lines(pilot))
        await press(pilot, "l")
        assert any(line.strip().startswith("1A ") for line in lines(pilot))


async def test_a_homeroom_teacher_finds_the_own_class_from_the_palette(open_app: Open) -> None:
    async with open_app("gv.5a") as pilot:
        await press(pilot, "colon")
        assert isinstance(pilot.app.screen, Palette)
        await press(pilot, *"thong", "space", *"ke", "enter")
        assert title(pilot).startswith("Thống kê")
        text = screen_text(pilot)
        assert "5A" in text
        assert "Toàn trường" not in text
        assert "lớp" not in lines(pilot)[-1]
        before = lines(pilot)[3:20]
        await press(pilot, "l")
        assert lines(pilot)[3:20] == before


async def test_no_title_and_no_category_is_cut_at_80_columns(open_app: Open) -> None:
    async with open_app("hieutruong", "statistics") as pilot:
        page = pilot.app.screen
        assert isinstance(page, StatisticsPage)
        for period, topic in product(Period, page._topics):
            page._period, page._topic = period, topic
            assert len(page.heading()) <= 78
        await press(pilot, "left")
        assert "…" not in "\n".join(lines(pilot)[1:23])
    assert max(len(label) for labels in CATEGORIES.values() for label in labels.values()) <= 26


async def test_excel_says_where_it_is_and_overwrites_nothing(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "so-lieu.xlsx"
    async with open_app("vanthu", "statistics") as pilot:
        await press(pilot, "x")
        field = pilot.app.screen.query_one(Input)
        assert field.value == "~/thong-ke-2025-2026-cuoi-nam.xlsx"
        field.value = str(path)
        await press(pilot, "enter")
        assert str(path) in status(pilot)
        assert load_workbook(path).sheetnames == [kind.label for kind in Kind]
        await press(pilot, "x")
        pilot.app.screen.query_one(Input).value = str(path)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Notice)


async def test_who_may_not_is_told_and_can_leave(open_app: Open) -> None:
    async with open_app("gv.tin", "statistics") as pilot:
        assert isinstance(pilot.app.screen, Notice)
        assert "giáo viên chủ nhiệm (lớp mình)" in screen_text(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Việc của tôi hôm nay"
        assert "Thống kê" not in screen_text(pilot)
