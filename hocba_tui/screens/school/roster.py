"""Show the pupils of a class, and correct their facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.app import ComposeResult

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.pupils.enrolment import admit, change_class, classes_to_move_to, come_back, leave
from hocba_tui.flow.pupils.facts import EDITABLE, correct_pupil
from hocba_tui.log.keeping import shown
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.rules.reading import may_read_field, readable
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Choose, Confirm
from hocba_tui.screens.listed import ListPage
from hocba_tui.screens.school.excel_out import ask_excel
from hocba_tui.screens.school.first_gap import first_gap
from hocba_tui.text import day_first
from hocba_tui.widgets.rows import RowColumn, Rows

_NEW = ("name", "birth", "sex", "personal_id", "code", "ethnic", "joined")
"""Fields that are asked for a new pupil; the others can be corrected later."""


class RosterPage(ListPage):
    """The roster of one class."""

    SCOPE = "roster"
    BINDINGS = bindings_for("roster")

    def __init__(self, desk: Desk, class_key: str, pupil: str = "") -> None:
        super().__init__(desk)
        self.class_key = class_key
        self._pupils: dict[str, Pupil] = {}
        self._wanted = pupil
        self._news = ""

    def heading(self) -> str:
        """Return the title."""
        return f"Danh sách lớp {self.class_key}"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("STT", 3), RowColumn("Họ và tên", 26), RowColumn("Ngày sinh", 10), RowColumn("GT", 3),
            RowColumn("Số định danh", 12), RowColumn("Học bạ", 0),
        )  # fmt: skip
        yield Rows(columns, "Lớp chưa có học sinh. Bấm i để nạp danh sách từ Excel.")

    def look(self) -> None:
        """Read the class again."""
        pupils = self.desk.pupils(self.class_key, with_left=True)
        records = self.desk.records(self.class_key)
        self._pupils = {pupil.key: pupil for pupil in pupils}
        rows = self.query_one(Rows)
        # Numbered as in the grids: those who left are at the end, without a number.
        pupils = tuple(sorted(pupils, key=lambda pupil: not pupil.studying))
        groups = readable(self.desk.actor, self.desk.classroom(self.class_key))
        hidden = "" if may_read_field("personal_id", groups) else "(GVCN xem)"
        rows.fill((p.key, _texts(n, p, records[p.key].state.label, hidden)) for n, p in enumerate(pupils, start=1))
        keys = [pupil.key for pupil in pupils]
        if self._wanted in keys:
            rows.list.highlighted = keys.index(self._wanted)
            self._wanted = ""
        girls = sum(1 for pupil in pupils if pupil.studying and pupil.sex == Sex.FEMALE)
        self.summarise(f"{self._news}{sum(1 for p in pupils if p.studying)} em đang học, {girls} nữ.")
        self._news = ""

    def action_open(self) -> None:
        """Open the card of the pupil under the cursor."""
        if chosen := self.query_one(Rows).chosen:
            self.go("card", class_key=self.class_key, pupil=chosen)

    def action_grid(self) -> None:
        """Open the grid at the first gap of the pupil under the cursor, or of the class."""
        self.go("grid", class_key=self.class_key, **first_gap(self.desk, self.class_key, self.query_one(Rows).chosen))

    def action_missing(self) -> None:
        """Show what is missing, by pupil."""
        self.go("missing", class_key=self.class_key)

    def action_card(self) -> None:
        """Open the card of the pupil under the cursor, as Enter does."""
        self.action_open()

    def action_log(self) -> None:
        """Show who did what about the pupil under the cursor, or the class."""
        self.go("activity", room=self.class_key, pupil=self.query_one(Rows).chosen)

    def row_words(self) -> str:
        """Return which pupil the numbered list is about."""
        pupil = self._pupils.get(self.query_one(Rows).chosen)
        return f"Lớp {self.class_key} › {pupil.name}" if pupil else f"Lớp {self.class_key}"

    def action_review(self) -> None:
        """Open the review."""
        self.go("review", class_key=self.class_key)

    def action_intake(self) -> None:
        """Import a class list or results."""
        self.go("intake", class_key=self.class_key)

    def action_excel(self) -> None:
        """Write an Excel file of the class."""
        ask_excel(self, self.class_key)

    def action_edit(self) -> None:
        """Correct the pupil under the cursor."""
        chosen = self.query_one(Rows).chosen
        if not chosen:
            return
        pupil = self._pupils[chosen]
        classroom = self.desk.classroom(self.class_key)
        groups = readable(self.desk.actor, classroom)
        names = (n for n in EDITABLE if may_read_field(n, groups) and (n != "grade" or classroom.combined))
        present = {n: (EDITABLE[n], _shown(pupil, n)) for n in names}

        def correct(typed: dict[str, str]) -> str:
            changes = {name: text for name, text in typed.items() if text != present[name][1]}
            correct_pupil(self.desk, self.class_key, chosen, changes, pupil)
            return "Đã lưu."

        note = "Mã môn: ví dụ GDTC, AN, MT. Có đánh giá: x, hoặc để trống."
        self._ask(f"Sửa thông tin: {pupil.name}", present, correct, note)

    def action_admit(self) -> None:
        """Add a new pupil by hand."""
        fields = {name: (EDITABLE[name], "") for name in _NEW}
        fields["joined"] = (EDITABLE["joined"], self._today())

        def enter(typed: dict[str, str]) -> str:
            pupil = admit(self.desk, self.class_key, typed)
            self._wanted = pupil.key
            return f"Đã thêm {pupil.name}, mã {pupil.code}."

        note = "Chưa có mã học sinh thì để trống: chương trình cho một mã tạm."
        self._ask(f"Thêm học sinh vào lớp {self.class_key}", fields, enter, note)

    def action_depart(self) -> None:
        """Record that the pupil under the cursor left the school."""
        if pupil := self._under_cursor(studying=True):
            fields = {"day": ("Từ ngày", self._today()), "reason": ("Lí do", "Chuyển đi"), "place": ("Tới trường", "")}

            def depart(typed: dict[str, str]) -> str:
                leave(self.desk, self.class_key, pupil.key, typed["day"], typed["place"], typed["reason"])
                return f"{pupil.name} đã rời trường; kết quả của em vẫn giữ."

            def answered(sure: bool | None) -> None:
                if sure:
                    self._ask(f"Rời trường: {pupil.name}", fields, depart, "Lí do: Chuyển đi, Thôi học.")

            detail = "Em không còn trong bảng nhập của lớp; kết quả của em vẫn giữ, và em học lại được."
            self.app.push_screen(Confirm(f"{pupil.name} rời trường?", detail, f"ghi {pupil.name} rời trường"), answered)

    def action_come_back(self) -> None:
        """Record that the pupil under the cursor came back."""
        if pupil := self._under_cursor(studying=False):
            fields = {"day": ("Từ ngày", self._today()), "reason": ("Ghi chú", "")}

            def back(typed: dict[str, str]) -> str:
                come_back(self.desk, self.class_key, pupil.key, typed["day"], typed["reason"])
                return f"{pupil.name} học lại ở lớp {self.class_key}."

            self._ask(f"Học lại: {pupil.name}", fields, back)

    def action_change_class(self) -> None:
        """Move the pupil under the cursor into another class of the grade."""
        pupil = self._under_cursor(studying=True)
        if pupil is None:
            return
        classrooms = classes_to_move_to(self.desk, self.class_key, pupil)
        if not classrooms:
            self.say(f"Khối của {pupil.name} không có lớp nào khác.")
            return

        def chosen(class_key: str | None) -> None:
            if class_key is None:
                return
            fields = {"day": ("Từ ngày", self._today()), "reason": ("Lí do", "")}

            def move(typed: dict[str, str]) -> str:
                change_class(self.desk, pupil.key, self.class_key, class_key, typed["day"], typed["reason"])
                return f"{pupil.name} đã sang lớp {class_key} cùng kết quả."

            self._ask(f"Chuyển {pupil.name} sang lớp {class_key}", fields, move, "Kết quả đã nhập đi theo em.")

        self.app.push_screen(
            Choose(f"Chuyển {pupil.name} sang lớp", [(classroom.key, classroom.key) for classroom in classrooms]),
            chosen,
        )

    def _under_cursor(self, *, studying: bool) -> Pupil | None:
        """Return the pupil under the cursor; None, with a message, when the act does not apply to the pupil."""
        pupil = self._pupils.get(self.query_one(Rows).chosen)
        if pupil is not None and pupil.studying != studying:
            self.say(f"{pupil.name} {'đang học' if pupil.studying else 'đã rời trường'}.")
            return None
        return pupil

    def _today(self) -> str:
        return f"{self.desk.clock.today():%d/%m/%Y}"

    def _ask(
        self,
        title: str,
        fields: Mapping[str, tuple[str, str]],
        act: Callable[[dict[str, str]], str],
        note: str = "",
    ) -> None:
        """Ask for a few fields and call ``act`` with them; show its message, or the error in the dialog."""
        said: list[str] = []

        def check(typed: dict[str, str]) -> str:
            try:
                said.append(act(typed))
            except HocbaError as error:
                shown(error)
                return f"{error.what} {error.now}"
            return ""

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                # Shown when the screen resumes, which is after this answer.
                self._news = f"{said[-1]} "

        self.app.push_screen(AskFields(title, fields, note, check=check), answered)


def _shown(pupil: Pupil, name: str) -> str:
    if name == "assessed":
        return "x" if pupil.assessed else ""
    if name == "sex":
        return Sex(pupil.sex).label
    text = str(getattr(pupil, name) or "")
    return day_first(text) if name in ("birth", "joined") else text


def _texts(number: int, pupil: Pupil, state: str, hidden: str) -> tuple[str, ...]:
    identity = hidden or pupil.personal_id or "(chưa có)"
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
