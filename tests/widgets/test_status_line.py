"""A text that is too long for the status line loses its middle, never what to do now."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from hocba_tui.flow.grades.marks import Column
from hocba_tui.model.results import Cell
from hocba_tui.model.values import EntryKind, Period
from hocba_tui.screens.grid.status_text import Standing, block_words, status_line
from hocba_tui.widgets.frame import with_end
from hocba_tui.widgets.grid_model import Block, CellState, GridCell, GridColumn, GridModel

ROOM = 78
"""A terminal of 80 columns, less one at each side."""


@given(
    st.text("aă ểđ人", max_size=150), st.sampled_from([". ", "; ", " · "]), st.text("nộp lại", min_size=1, max_size=30)
)
def test_the_last_clause_is_whole_and_nothing_is_wider_than_the_room(what: str, between: str, now: str) -> None:
    text = f"{what}{between}{now.strip() or 'n'}."
    shown = with_end(text, ROOM)
    assert cell_len(shown) <= ROOM
    assert shown.endswith(f"{now.strip() or 'n'}.")
    if cell_len(text) <= ROOM:
        assert shown == text


def test_the_grid_says_what_to_do_whatever_the_name_and_the_reason() -> None:
    name = "Nguyễn Hoàng Phương Anh Khánh Linh Tôn Nữ"
    field = Cell(Period.END_YEAR, "TOAN", "score")
    model = GridModel([GridColumn("Điểm", EntryKind.SCORE, 4)], ["P"], [name], [[GridCell()]])
    columns = [Column(field, "Điểm", EntryKind.SCORE, required=True)]
    clash = GridCell("9", CellState.CONFLICT, f"{name} ghi 9 lúc 10:00; bạn gõ 8, CHƯA ghi. Enter ở ô ấy để chọn.")
    disk = "Đĩa của máy chủ không nhận thêm: không còn chỗ trên phân vùng của kho học bạ"
    wrong = f"! {name}: “t” không phải là điểm; gõ số từ 1 đến 10. CHƯA lưu, n để tới."
    for standing, end in (
        (Standing(0, "", None, None, wrong, [], 0), "CHƯA lưu, n để tới."),
        (Standing(0, "", None, None, "", [(name, clash)], 0), "Enter ở ô ấy để chọn."),
        (Standing(12, "", None, disk, "", [], 0), "đang tự thử lại."),
        (Standing(0, "", f"Lớp 5A bị hỏng: {disk}.", None, "", [], 0), "Ctrl+S: xem phải làm gì."),
    ):  # fmt: skip
        line = with_end(status_line(model, columns, standing), ROOM)
        assert line.endswith(end), line
        assert cell_len(line) <= ROOM


def test_all_that_can_be_done_with_a_block_fits() -> None:
    for extending in (False, True):
        assert cell_len(block_words(Block(0, 0, 34, 35), extending=extending)) <= ROOM
