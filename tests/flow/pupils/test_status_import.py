"""The status in a list of pupils: unknown words change nothing, nobody comes back by a word, days are not swapped."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.pupils.pupils_import import PupilsPreview, accept, apply, preview
from hocba_tui.model.pupil import Pupil
from tests.conftest import DeskAs
from tests.support.result_sheets import write_rows

pytestmark = pytest.mark.usefixtures("read_here")

DAY = "10/03/2026"


def of(desk: Desk, folder: Path, *rows: tuple[Pupil, str, str]) -> PupilsPreview:
    """Preview a class list with a status and its day for some pupils of 5A."""
    head = ["Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Trạng thái HS", "Ngày nhập trạng thái"]
    body = [["5A", p.code, p.name, "/".join(reversed(p.birth.split("-"))), status, day] for p, status, day in rows]
    return preview(desk, write_rows(folder / "list.xlsx", [head, *body]))


def said(found: PupilsPreview) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity.name) for finding in found.findings]


@pytest.mark.parametrize("word", ["Nghỉ học", "Bảo lưu", "Lưu ban", "7", "Đang học thử"])
def test_an_unknown_word_is_quoted_and_changes_nothing(desk_as: DeskAs, tmp_path: Path, word: str) -> None:
    desk = desk_as("gv.5a")
    found = of(desk, tmp_path, (desk.pupils("5A")[0], word, DAY))
    assert (found.lines[0].kind, said(found)) == (RowKind.SAME, [("IN-STATUS", "WARNING")])
    assert f"“{word}”" in found.findings[0].message


@pytest.mark.parametrize("word", ["Bỏ học", "Chuyển trường", "Đã chuyển đi", "Đã thôi học"])
def test_what_can_only_mean_leaving_is_written_when_it_is_accepted(desk_as: DeskAs, tmp_path: Path, word: str) -> None:
    desk = desk_as("gv.5a")
    found = of(desk, tmp_path, (desk.pupils("5A")[0], word, DAY))
    assert (found.lines[0].kind, found.offers, said(found)) == (RowKind.SAME, 1, [("IN-STATUS-OFFER", "WARNING")])
    taken = accept(desk, found)
    assert (taken.lines[0].kind, taken.lines[0].pupil.left, taken.offers) == (RowKind.LEFT, "2026-03-10", 0)
    assert taken.lines[0].pupil.joined == desk.pupils("5A")[0].joined


@pytest.mark.parametrize(
    ("word", "left", "joined"),
    [("04", True, False), ("Chuyển đi kỳ 2", True, False), ("12", True, False), ("06", False, True),
     ("Nghỉ học xin học lại kỳ 2", False, True), ("Hoàn thành chương trình", False, False)],
)  # fmt: skip
def test_the_day_is_that_of_what_the_status_says(
    desk_as: DeskAs, tmp_path: Path, word: str, left: bool, joined: bool
) -> None:
    desk = desk_as("gv.5a")
    before = desk.pupils("5A")[0]
    after = of(desk, tmp_path, (before, word, DAY)).lines[0].pupil
    assert (after.left, after.joined) == ("2026-03-10" if left else "", "2026-03-10" if joined else before.joined)


@pytest.mark.parametrize(("word", "day"), [("Đang học", ""), ("Đang học", "05/09/2025"), ("01", "09/03/2026")])
def test_nobody_who_left_comes_back_by_a_word(desk_as: DeskAs, tmp_path: Path, word: str, day: str) -> None:
    desk = desk_as("gv.5a")
    pupil = desk.pupils("5A")[0]
    apply(desk, of(desk, tmp_path, (pupil, "Chuyển đi kỳ 2", DAY)))
    fresh = desk_as("gv.5a")
    found = of(fresh, tmp_path, (pupil, word, day))
    assert (found.lines[0].kind, said(found), found.offers) == (RowKind.SAME, [("IN-RETURN", "WARNING")], 1)
    taken = accept(fresh, found)
    assert (taken.lines[0].kind, taken.lines[0].pupil.studying) == (RowKind.CHANGED, True)
    for other in ("Bỏ học", "Nghỉ học", "Đã chuyển đi"):
        assert not of(fresh, tmp_path, (pupil, other, "20/03/2026")).lines[0].pupil.studying


def test_a_day_after_leaving_says_that_the_pupil_came_back(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    pupil = desk.pupils("5A")[0]
    apply(desk, of(desk, tmp_path, (pupil, "Thôi học kỳ 2", DAY)))
    found = of(desk_as("gv.5a"), tmp_path, (pupil, "Nghỉ học xin học lại kỳ 2", "01/04/2026"))
    assert (found.findings, found.lines[0].pupil.studying, found.lines[0].pupil.joined) == ((), True, "2026-04-01")


def test_the_same_list_again_changes_nothing_of_who_has_left(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    (gone,) = (pupil for pupil in desk.pupils("5A", with_left=True) if not pupil.studying)
    found = of(desk, tmp_path, (gone, "08", "/".join(reversed(gone.left.split("-")))))
    assert (found.lines[0].kind, found.lines[0].pupil.left_reason) == (RowKind.SAME, gone.left_reason)


def test_a_new_pupil_of_unknown_status_is_not_admitted(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    stranger = Pupil("x", code="9911223344", name="Lò Văn Mới", birth="2015-05-05")
    for word in ("Nghỉ học", "Bỏ học"):
        found = of(desk, tmp_path, (stranger, word, DAY))
        assert not found.usable
        assert "IN-STATUS" in {finding.code for finding in found.findings}


def test_a_day_without_a_status_is_not_taken(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = desk_as("gv.5a")
    found = of(desk, tmp_path, (desk.pupils("5A")[0], "", DAY))
    assert (found.lines[0].kind, said(found)) == (RowKind.SAME, [("IN-STATUS", "WARNING")])
