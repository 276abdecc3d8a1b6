"""Import a file from Excel: preview it, then write all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.widgets import Input

from hocba_tui.errors import HocbaError
from hocba_tui.flow.comments.bank import bank_in
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.file_names import where_files_lie
from hocba_tui.flow.grades.results_import import ResultsRequest
from hocba_tui.flow.handing_out import offered, place_of
from hocba_tui.flow.reports.home_tasks import current_period
from hocba_tui.flow.school.import_undo import last_import, undo_import
from hocba_tui.flow.school.preview_file import save_preview
from hocba_tui.log.keeping import shown
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.values import Period
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Choose, Confirm, Notice
from hocba_tui.screens.page import Page
from hocba_tui.screens.path_box import PathBox
from hocba_tui.screens.school.intake_kinds import FILE_KINDS, ShownPreview, Source
from hocba_tui.text import clean_line
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.rows import RowColumn, Rows


class SourceInput(PathBox):
    """Input for the name of a file; the page handles a pasted block of cells."""

    def on_paste(self, event: events.Paste) -> None:
        """Let the page handle a pasted block of cells."""
        if is_block(event.text):
            event.prevent_default()


_FILE = "tệp:"
"""How the ids of listed files begin."""
_FINDINGS, _CHANGES = "f", "f!"
_FILTERS = ("", _FINDINGS, _CHANGES)


def is_block(text: str) -> bool:
    """Return whether a pasted text is cells copied in Excel rather than the name of a file."""
    return "\t" in text or "\n" in text.strip()


class IntakePage(Page):
    """The kind of import, its source, what it would do, and one key to write it."""

    SCOPE = "intake"
    BINDINGS = bindings_for("intake")
    DEFAULT_CSS = """
    IntakePage Input, IntakePage Input:focus { border: none; height: 1; margin: 0 1; background: $boost; }
    """

    def __init__(
        self, desk: Desk, kind: str = "pupils", class_key: str = "", period: str = "", subject: str = ""
    ) -> None:
        super().__init__(desk)
        self._kind = FILE_KINDS[kind]
        wanted = Period(period) if period else current_period(desk)
        self._request = ResultsRequest(wanted, class_key, 0, subject, bank=bank_in)
        self._source: Source | None = None
        self._looked: ShownPreview | None = None
        self._filter = ""

    def heading(self) -> str:
        """Return the title, with the chosen period, class and subject."""
        if not self._kind.chosen:
            return f"Nạp {self._kind.label}"
        where = f"lớp {self._request.class_key}" if self._request.class_key else "mọi lớp trong tệp"
        subject = SUBJECTS[self._request.subject].name if self._request.subject else "môn theo tiêu đề"
        return f"Nạp {self._kind.label} › {self._request.period.label} › {where} › {subject}"

    def hint(self) -> str:
        """Return the hint."""
        return "Gõ đường dẫn tệp (Tab: điền tiếp tên) rồi Enter, hoặc dán các ô chép từ Excel; F2 mới ghi."

    def body(self) -> ComposeResult:
        """Yield the file name and the table."""
        yield SourceInput(placeholder="đường dẫn tệp, ví dụ examples/C1-HocSinh-5A.xlsx", select_on_focus=False)
        columns = (RowColumn("Việc", 11), RowColumn("Lớp", 5), RowColumn("Học sinh / điều cần xem", 0))
        yield Rows(columns, f"Chưa chọn tệp. {where_files_lie(tray=self.desk.tray)}")

    def on_mount(self) -> None:
        """Focus the name of the file."""
        self.call_after_refresh(self.query_one(Input).focus)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Preview the file."""
        event.stop()
        self._look(Path(event.value.strip()).expanduser())

    def on_path_box_fitting(self, event: PathBox.Fitting) -> None:
        """List the files that fit what was typed; Enter takes one."""
        self._looked = None
        rows = [(f"{_FILE}{event.folder}{name}", ("", "", name)) for name in event.names]
        self.query_one(Rows).fill(rows)
        self.say(f"{len(rows)} tệp khớp: gõ tiếp rồi Tab, hoặc mũi tên xuống và Enter để chọn.")

    def _take_file(self, path: str) -> None:
        box = self.query_one(SourceInput)
        box.value, box.cursor_position = path, len(path)
        box.focus()
        if not path.endswith("/"):
            self._look(Path(path).expanduser())

    def on_paste(self, event: events.Paste) -> None:
        """Preview a pasted block, wherever the focus is."""
        if is_block(event.text):
            event.stop()
            self._look(event.text)

    def _look(self, source: Source) -> None:
        self._source = source
        self._show(self.attempt(lambda: self._kind.look(self.desk, source, self._request)))

    def _show(self, looked: ShownPreview | None) -> None:
        self._looked, self._filter = looked, ""
        self._fill()
        if looked is None:
            self.say("Chưa xem được; chưa ghi gì.")
            return
        if looked.offers:
            self.say(f"{looked.summary}. {looked.offers} đề nghị cần xác nhận: xem rồi bấm F2 (hoặc Ctrl+W).")
        elif looked.write is None:
            self.say("Còn lỗi: chưa ghi được. Sửa trong Excel rồi nạp lại. Enter: xem cả dòng; Tab: về tên tệp.")
        else:
            self.say(f"{looked.summary}. Bấm F2 (hoặc Ctrl+W) để ghi.")
        self.query_one(Rows).list.focus()

    def _fill(self) -> None:
        rows = self._looked.rows if self._looked else ()
        self.query_one(Rows).fill([row for row in rows if self._lets_through(row[0])])

    def _lets_through(self, row: str) -> bool:
        is_finding = row[1:].isdigit() and row.startswith(_FINDINGS)
        return not self._filter or is_finding is (self._filter == _FINDINGS)

    def action_filter(self) -> None:
        """Show only findings, only what would change, or all."""
        if self._looked is None:
            self.say("Chưa có gì để lọc: gõ đường dẫn tệp rồi Enter.")
            return
        self._filter = _FILTERS[(_FILTERS.index(self._filter) + 1) % len(_FILTERS)]
        self._fill()
        words = {"": "tất cả", _FINDINGS: "chỉ điều cần xem", _CHANGES: "chỉ những gì sẽ đổi hoặc giữ"}
        self.say(f"Đang xem {words[self._filter]}. l: lọc khác.")

    def action_excel(self) -> None:
        """Ask where to, and save the preview as an Excel file."""
        looked = self._looked
        if looked is None:
            self.say("Chưa có gì để ghi ra: gõ đường dẫn tệp rồi Enter.")
            return

        def check(typed: dict[str, str]) -> str:
            try:
                written.append(place_of(self.desk, typed["path"]))
                save_preview(self.desk, written[-1], looked.source, looked.saved)
            except HocbaError as error:
                shown(error)
                return f"{error.what} {error.now}"
            return ""

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                self.tell_written("Đã ghi bảng xem trước, chưa nạp gì", written[-1])

        written: list[Path] = []
        present = {"path": ("Tệp", offered(self.desk, "xem-truoc.xlsx"))}
        self.app.push_screen(AskFields("Ghi bảng xem trước vào đâu?", present, check=check, as_typed=True), answered)

    def action_undo(self) -> None:
        """Take back the actor's last import after a confirmation."""
        found = self.attempt(lambda: last_import(self.desk))
        if found is None:
            return

        def answered(yes: bool | None) -> None:
            if yes and self.attempt(lambda: undo_import(self.desk)) is not None:
                self.say(f"Đã hoàn tác: {found.words}.")

        detail = "Mọi thứ lần nạp ấy ghi, ở mọi lớp, trở lại như trước. Người khác đã sửa tiếp thì không hoàn tác gì."
        self.app.push_screen(Confirm(f"Hoàn tác {found.words}?", detail, "hoàn tác"), answered)

    def action_apply(self) -> None:
        """Write the preview; offers of the file are accepted only after a confirmation."""
        looked = self._looked
        if looked is None:
            self.say("Chưa có gì để ghi: gõ đường dẫn tệp rồi Enter.")
            return
        if not looked.offers:
            self._write(looked.write)
            return

        def answered(yes: bool | None) -> None:
            taken = self.attempt(looked.accept) if yes else None
            if taken is not None:
                self._show(taken)
                self._write(taken.write)

        question = f"Nhận cả {looked.offers} đề nghị rồi ghi?"
        detail = "Mỗi đề nghị là một ô mà tệp ghi sai dạng; xem từng dòng “đề nghị” trong bảng. Không: chưa ghi gì."
        self.app.push_screen(Confirm(question, detail, f"nhận {looked.offers} đề nghị rồi ghi"), answered)

    def _write(self, write: Callable[[], str] | None) -> None:
        if write is None:
            self.say("Còn lỗi: chưa ghi được. Sửa trong Excel rồi nạp lại.")
            return
        written = self.attempt(write)
        if written is not None:
            self._looked = self._source = None
            self.query_one(Rows).fill([])
            self.say(written)

    def action_open(self) -> None:
        """Show the full text of a row."""
        chosen = self.query_one(Rows).chosen
        looked = self._looked
        if looked is None and str(chosen).startswith(_FILE):
            self._take_file(str(chosen).removeprefix(_FILE))
            return
        row = next((texts for key, texts in (looked.rows if looked else ()) if key == chosen), None)
        if looked and row:
            self.app.push_screen(Notice(*row, looked.remedies.get(str(chosen), "")))

    def action_kind(self) -> None:
        """Choose what to import."""
        chosen = next(key for key, kind in FILE_KINDS.items() if kind is self._kind)
        self._choose(
            "Nạp gì",
            [(key, kind.label[0].upper() + kind.label[1:]) for key, kind in FILE_KINDS.items()],
            chosen,
            self._set_kind,
        )

    def action_period(self) -> None:
        """Choose the period."""
        options = [(period.value, period.label) for period in Period]
        self._choose_for_results("Kỳ", options, self._request.period, lambda key: self._set(period=Period(key)))

    def action_room(self) -> None:
        """Choose the class."""
        options = [
            ("", "Mọi lớp trong tệp"),
            *((classroom.key, f"Lớp {classroom.key}") for classroom in self.desk.my_classes()),
        ]
        self._choose_for_results("Lớp", options, self._request.class_key, lambda key: self._set(class_key=key))

    def action_subject(self) -> None:
        """Choose the subject of columns that name none."""
        options = [("", "Theo tiêu đề cột"), *((code, subject.name) for code, subject in SUBJECTS.items())]
        self._choose_for_results("Môn của tệp", options, self._request.subject, lambda key: self._set(subject=key))

    def _choose_for_results(
        self, title: str, options: Sequence[tuple[str, str]], chosen: str, take: Callable[[str], None]
    ) -> None:
        if self._kind.chosen:
            self._choose(title, options, chosen, take)
        else:
            self.say("Kỳ, lớp và môn chỉ chọn khi nạp kết quả hoặc nhận xét; bấm F3 để chọn nạp gì.")

    def _choose(self, title: str, options: Sequence[tuple[str, str]], chosen: str, take: Callable[[str], None]) -> None:
        def answered(key: str | None) -> None:
            if key is not None:
                take(key)
                self.query_one("#title", Title).say(self.heading())
                if self._source is not None:
                    self._look(self._source)

        self.app.push_screen(Choose(title, options, chosen), answered)

    def _set_kind(self, key: str) -> None:
        self._kind = FILE_KINDS[key]
        self._request = replace(self._request, earlier="")
        if key == "earlier":
            self._source = None
            self._ask_origin()

    def _ask_origin(self) -> None:
        """Ask from which program the results of a period that is over come."""

        def check(typed: dict[str, str]) -> str:
            return "" if typed["origin"].strip() else "Ghi nguồn: phần mềm nào, xuất ngày nào."

        def answered(typed: dict[str, str] | None) -> None:
            if typed is None:
                self._set_kind("results")
            else:
                self._request = replace(self._request, earlier=clean_line(typed["origin"]))
                self.say("Chọn kỳ bằng F4, rồi gõ tên tệp. Chỉ ô còn trống được điền.")
            self.query_one("#title", Title).say(self.heading())

        fields = {"origin": ("Nguồn", "")}
        self.app.push_screen(AskFields("Kết quả của kỳ đã qua lấy từ đâu?", fields, check=check), answered)

    def _set(self, **facts: object) -> None:
        self._request = replace(self._request, **facts)  # type: ignore[arg-type]
