"""The class roster: who is in the class, and correcting what the class list got wrong."""

from __future__ import annotations

from textual.app import ComposeResult

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.roster import EDITABLE, correct_pupil
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.rules.permits import Act
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.excel_out import ask_excel
from hocba_tui.screens.page import Page
from hocba_tui.text import day_first
from hocba_tui.widgets.rows import RowColumn, Rows


class RosterPage(Page):
    """One class."""

    SCOPE = "roster"
    BINDINGS = bindings_for("roster")

    def __init__(self, desk: Desk, classroom: str, pupil: str = "") -> None:
        super().__init__(desk)
        self.classroom = classroom
        self._pupils: dict[str, Pupil] = {}
        self._wanted = pupil
        self._news = ""

    def heading(self) -> str:
        """Return where the person is."""
        return f"Danh sách lớp {self.classroom}"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("STT", 3), RowColumn("Họ và tên", 26), RowColumn("Ngày sinh", 10), RowColumn("GT", 3),
            RowColumn("Số định danh", 12), RowColumn("Học bạ", 0),
        )  # fmt: skip
        yield Rows(columns, "Lớp chưa có học sinh. Bấm i để nạp danh sách từ Excel.")

    def on_screen_resume(self) -> None:
        """Read the class anew."""
        pupils = self.desk.pupils(self.classroom, with_left=True)
        records = self.desk.records(self.classroom)
        self._pupils = {pupil.key: pupil for pupil in pupils}
        rows = self.query_one(Rows)
        # Numbered as in the grids: those who left stand at the end, without a number.
        pupils = tuple(sorted(pupils, key=lambda pupil: not pupil.studying))
        rows.fill((p.key, _texts(n, p, records[p.key].state.label)) for n, p in enumerate(pupils, start=1))
        keys = [pupil.key for pupil in pupils]
        if self._wanted in keys:
            rows.list.highlighted = keys.index(self._wanted)
            self._wanted = ""
        girls = sum(1 for pupil in pupils if pupil.studying and pupil.sex == Sex.FEMALE)
        self.say(f"{self._news}{sum(1 for p in pupils if p.studying)} em đang học, {girls} nữ.")
        self._news = ""

    def action_open(self) -> None:
        """Open the card of the pupil under the cursor."""
        if chosen := self.query_one(Rows).chosen:
            self.go("card", classroom=self.classroom, pupil=chosen)

    def action_grid(self) -> None:
        """Open the grid."""
        self.go("grid", classroom=self.classroom)

    def action_review(self) -> None:
        """Open the review."""
        self.go("review", classroom=self.classroom)

    def action_intake(self) -> None:
        """Bring in a class list or results."""
        self.go("intake", classroom=self.classroom)

    def action_excel(self) -> None:
        """Write an Excel file of the class."""
        ask_excel(self, self.classroom)

    def action_edit(self) -> None:
        """Correct the pupil under the cursor."""
        chosen = self.query_one(Rows).chosen
        if not chosen:
            return
        pupil = self._pupils[chosen]
        present = {name: (label, _shown(pupil, name)) for name, label in EDITABLE.items()}

        def changed(typed: dict[str, str]) -> dict[str, str]:
            return {name: text for name, text in typed.items() if text != present[name][1]}

        def check(typed: dict[str, str]) -> str:
            try:
                correct_pupil(self.desk, self.classroom, chosen, changed(typed))
            except HocbaError as error:
                return f"{error.what} {error.now}"
            return ""

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                # Shown when the screen comes back to the front, which is after this answer.
                self._news = "Đã lưu. "

        note = "Miễn môn: ghi mã, ví dụ GDTC, AN, MT. Có đánh giá: x, hoặc để trống."
        self.app.push_screen(AskFields(f"Sửa thông tin: {pupil.name}", present, note, check=check), answered)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer correction, intake and Excel only to those who may."""
        if action == "excel":
            return self.permits(Act.EXPORT, self.classroom)
        return action not in ("edit", "intake") or self.permits(Act.IMPORT_PUPILS, self.classroom)


def _shown(pupil: Pupil, name: str) -> str:
    if name == "assessed":
        return "x" if pupil.assessed else ""
    text = str(getattr(pupil, name))
    return day_first(text) if name == "birth" else text


def _texts(number: int, pupil: Pupil, state: str) -> tuple[str, ...]:
    identity = pupil.personal_id or "(chưa có)"
    sex = Sex(pupil.sex).label
    return (
        str(number) if pupil.studying else "",
        pupil.name,
        day_first(pupil.birth),
        sex,
        identity,
        _standing(pupil, state),
    )


def _standing(pupil: Pupil, state: str) -> str:
    if pupil.left:
        return f"chuyển đi {day_first(pupil.left)}"
    notes = [] if pupil.assessed else ["không đánh giá"]
    if pupil.exempt:
        notes.append(f"miễn {pupil.exempt}")
    return ", ".join([state, *notes])
