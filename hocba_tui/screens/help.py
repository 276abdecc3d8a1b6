"""Help: the keys of the screen from which it was opened, and those that work everywhere."""

from __future__ import annotations

import textwrap

from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.screens.actions import actions_for
from hocba_tui.screens.keys import key_name
from hocba_tui.screens.listed import ListPage
from hocba_tui.widgets.rows import RowColumn, Rows

_MARKS = (
    ("_", "ô bắt buộc, còn trống"),
    ("…", "đang lưu"),
    ("!", "giá trị sai, chưa lưu; lí do ở dòng cuối"),
    ("≠", "người khác vừa đổi ô này; Enter để chọn giá trị nào"),
    ("*", "người khác vừa nhập"),
    ("·", "ô khóa; dòng cuối nói ai mở được"),
    ("M", "em được miễn môn này"),
    ("│", "ô nằm trong khối đang chọn"),
)
_GRID = (
    ("t h c đ", "Mức", "Một phím là một mức; d hoặc dd cũng là Đ"),
    ("Shift+mũi tên", "Khối", "Chọn khối ô; Esc thôi chọn"),
    ("Ctrl+mũi tên", "Ô trống", "Tới ô trống kế tiếp theo hướng ấy, hoặc tới mép bảng"),
    ("Delete", "Xóa", "Xóa ô, hoặc cả khối (hỏi trước); Backspace cũng vậy"),
    ("1 … 10", "Điểm", "Gõ số; sau số 1 chờ xem có phải 10"),
)
_KEYS, _LABEL = 13, 17
_TEXT = 80 - 3 - (_KEYS + 1) - (_LABEL + 1)
"""How many letters of an explanation fit on a line of 80 columns."""


class HelpPage(ListPage):
    """Keys and marks."""

    SCOPE = "help"
    REFRESHES = False

    def __init__(self, desk: Desk, scope: str = "") -> None:
        super().__init__(desk)
        self._scope = scope

    def heading(self) -> str:
        """Return the title of the page."""
        return "Trợ giúp: các phím ở màn hình vừa rồi"

    def hint(self) -> str:
        """Return what to do here."""
        return "Esc: về. Mọi phím đều có trong bảng lệnh (Ctrl+P hoặc :)."

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("Phím", _KEYS), RowColumn("Việc", _LABEL), RowColumn("Giải thích", 0)), "")

    def on_mount(self) -> None:
        """Fill the table from the registry, each explanation whole, on as many lines as it needs at 80 columns."""
        entries = [
            (", ".join(key_name(key) for key in action.keys), action.label, action.help)
            for action in actions_for(self._scope)
        ]
        if self._scope == "grid":
            entries += [*_GRID, *((mark, "Dấu trong ô", text) for mark, text in _MARKS)]
        self.query_one(Rows).fill(
            (f"{number}.{line}", (keys if not line else "", label if not line else "", text))
            for number, (keys, label, told) in enumerate(entries)
            for line, text in enumerate(textwrap.wrap(told, _TEXT))
        )
