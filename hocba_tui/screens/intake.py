"""Bring in a class list from Excel: look through it first, then write all of it."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import Input

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.pupils_in import Kind, Preview, accept, apply, preview
from hocba_tui.flow.roster import EDITABLE
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import Confirm
from hocba_tui.screens.page import Page
from hocba_tui.widgets.rows import RowColumn, Rows


class IntakePage(Page):
    """A file name, what it would do, and one key to do it."""

    SCOPE = "intake"
    BINDINGS = bindings_for("intake")
    DEFAULT_CSS = """
    IntakePage Input, IntakePage Input:focus { border: none; height: 1; margin: 0 1; background: $boost; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._preview: Preview | None = None

    def heading(self) -> str:
        """Return where the person is."""
        return "Nạp danh sách lớp (tệp C1-HocSinh của CSDL ngành)"

    def hint(self) -> str:
        """Return what to do here."""
        return "Gõ đường dẫn tệp rồi Enter để xem trước; chưa ghi gì cho tới khi bấm F2."

    def body(self) -> ComposeResult:
        """Yield the file name and the table."""
        yield Input(placeholder="đường dẫn tệp, ví dụ examples/C1-HocSinh-5A.xlsx", select_on_focus=False)
        columns = (RowColumn("Việc", 10), RowColumn("Lớp", 5), RowColumn("Học sinh / điều cần xem", 0))
        yield Rows(columns, "Chưa chọn tệp.")

    def on_mount(self) -> None:
        """Begin at the file name."""
        self.call_after_refresh(self.query_one(Input).focus)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Preview the file."""
        event.stop()
        path = Path(event.value.strip()).expanduser()
        self._show(self.attempt(lambda: preview(self.desk, path)))

    def _show(self, found: Preview | None) -> None:
        self._preview = found
        if found is None:
            self.query_one(Rows).fill([])
            return
        rows = [(f"f{n}", (f.severity.label, "", f.message)) for n, f in enumerate(found.findings)]
        rows += [
            (line.pupil.key, (line.kind.label, line.classroom, f"{line.pupil.name}  {_fields(line.fields, line.kind)}"))
            for line in found.lines
        ]
        self.query_one(Rows).fill(rows)
        counts = ", ".join(f"{found.count(kind)} {kind.label}" for kind in Kind if found.count(kind))
        if found.offers:
            self.say(f"{counts}. {found.offers} đề nghị cần xác nhận: xem rồi bấm F2 (hoặc Ctrl+W).")
            self.query_one(Rows).list.focus()
        elif found.usable:
            self.say(f"{counts}. Bấm F2 (hoặc Ctrl+W) để ghi.")
            self.query_one(Rows).list.focus()
        else:
            self.say("Còn lỗi: chưa ghi được. Sửa trong Excel rồi nạp lại.")

    def action_apply(self) -> None:
        """Write the preview; offers of the file are taken only after a yes."""
        found = self._preview
        if found is None:
            self.say("Chưa có gì để ghi: gõ đường dẫn tệp rồi Enter.")
        elif found.offers:
            question = f"Nhận cả {found.offers} đề nghị rồi ghi?"
            detail = "Mỗi đề nghị là một ô mà tệp ghi sai dạng; xem từng dòng “đề nghị” trong bảng. Không: chưa ghi gì."
            self.app.push_screen(Confirm(question, detail), self._accept)
        else:
            self._write(found)

    def _accept(self, yes: bool | None) -> None:
        found = self._preview
        if not yes or found is None:
            return
        taken = self.attempt(lambda: accept(self.desk, found))
        if taken is not None and taken.usable:
            self._write(taken)
        elif taken is not None:
            self._show(taken)

    def _write(self, found: Preview) -> None:
        written = self.attempt(lambda: apply(self.desk, found))
        if written is not None:
            self._preview = None
            self.query_one(Rows).fill([])
            self.say(f"Đã ghi {written} học sinh.")


def _fields(names: tuple[str, ...], kind: Kind) -> str:
    if kind not in (Kind.CHANGED, Kind.MOVED) or not names:
        return ""
    labels = {"left": "ngày chuyển đi", "left_reason": "lí do chuyển", "joined": "ngày đến", "disability": "khuyết tật",
              "sex": "giới tính", **{name: label.lower() for name, label in EDITABLE.items()}}  # fmt: skip
    return f"({', '.join(labels.get(name, name) for name in names)})"
