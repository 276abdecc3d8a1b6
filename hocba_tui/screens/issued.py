"""The issued files of a class: verify one, copy them out."""

from __future__ import annotations

from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.handing_out import place_of
from hocba_tui.flow.records.issued_files import IssuedFile, export_class, export_zip, issued_files
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Notice
from hocba_tui.screens.listed import ListPage
from hocba_tui.widgets.rows import RowColumn, Rows


class IssuedPage(ListPage):
    """The issued files of one class."""

    SCOPE = "issued"
    BINDINGS = bindings_for("issued")

    def __init__(self, desk: Desk, class_key: str) -> None:
        super().__init__(desk)
        self.class_key = class_key
        self._files: dict[str, IssuedFile] = {}

    def heading(self) -> str:
        """Return where the person is."""
        return f"Học bạ đã phát hành › {self.class_key}"

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows(
            (RowColumn("Học sinh", 24), RowColumn("Trạng thái", 13), RowColumn("Mã tra cứu (UUID)", 0)),
            "Lớp này chưa có học bạ nào được phát hành.",
        )

    def look(self) -> None:
        """Read the files again."""
        found = self.attempt(lambda: issued_files(self.desk, self.class_key)) or ()
        self._files = {issued.pupil.key: issued for issued in found}
        self.query_one(Rows).fill(
            (key, (issued.pupil.name, issued.record.state.label, issued.record.uuid))
            for key, issued in self._files.items()
        )
        note = " Ký bằng khóa tập huấn: KHÔNG CÓ GIÁ TRỊ PHÁP LÝ." if any(f.record.training for f in found) else ""
        self.summarise(f"{len(found)} tệp.{note}")

    def action_open(self) -> None:
        """Verify the file under the cursor and show every step."""
        from hocba_tui.flow.verify.issued import verify_issued

        chosen = self.query_one(Rows).chosen
        if not chosen:
            return
        lines = self.attempt(lambda: verify_issued(self.desk, self.class_key, chosen))
        if lines:
            self.app.push_screen(Notice(*lines))

    def action_export(self) -> None:
        """Copy the files of the class into a folder."""

        def answered(typed: dict[str, str] | None) -> None:
            if typed and typed["folder"].strip():
                folder = self.attempt(lambda: place_of(self.desk, typed["folder"]))
                written = folder and self.attempt(lambda: export_class(self.desk, self.class_key, folder))
                if folder and written:
                    self.say(f"Đã chép {len(written)} tệp vào {folder}.")

        if self.desk.tray:
            self._export_one_file()
            return
        self.app.push_screen(AskFields("Chép các tệp ra thư mục", {"folder": ("Thư mục", "")}, as_typed=True), answered)

    def _export_one_file(self) -> None:
        """Put the files of the class into one that is fetched."""
        path = self.attempt(lambda: place_of(self.desk, f"hoc-ba-{self.class_key}.zip"))
        written = path and self.attempt(lambda: export_zip(self.desk, self.class_key, path))
        if path and written:
            self.tell_written(f"Đã xếp {written} tệp học bạ vào một tệp zip", path)
