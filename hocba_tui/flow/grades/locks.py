"""Why a cell may not be changed now, and who can open it."""

from __future__ import annotations

from hocba_tui.flow.desk import OpenClass
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record
from hocba_tui.model.results import YEAR, Cell
from hocba_tui.model.values import Period, RecordState
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.keepers import keeper
from hocba_tui.rules.lawful import no_such_cell
from hocba_tui.rules.permits import Act, act_for_cell, may_enter
from hocba_tui.rules.windows import is_open, standing

_SEALED = "học bạ đã phát hành; hiệu trưởng cho thu hồi và tạo bản mới thì mới sửa được."
_STANDING = {
    RecordState.SUBMITTED: "học bạ đã nộp; hiệu trưởng trả lại thì mới sửa được.",
    RecordState.APPROVED: "học bạ đã duyệt; hiệu trưởng trả lại thì mới sửa được.",
}


class Locks:
    """The locks of one class for one person, at the moment in which the class was opened.

    What does not depend on the pupil is computed once for each cell, so that a sheet of a thousand
    cells stays fast.
    """

    def __init__(self, opened: OpenClass) -> None:
        self._school = opened.school
        self._classroom = opened.classroom
        self._others: dict[Cell, str | None] = {}
        self._closed: dict[str, str | None] = {}
        self._absent: dict[tuple[int | None, Cell], str | None] = {}

    def reason(self, pupil: Pupil, record: Record, cell: Cell) -> str | None:
        """Return why the actor may not change the cell now, and who can help; None when it is open."""
        return self.not_mine(cell) or self._shut(pupil, record, cell)

    def not_mine(self, cell: Cell) -> str | None:
        """Return who enters the cell; None when it is the actor."""
        if cell not in self._others:
            permitted = may_enter(self._school.actor, self._classroom, cell).allowed
            who = None if permitted else keeper(cell, self._classroom, self._school.staff)
            self._others[cell] = who and f"Ô này do {who} nhập."
        return self._others[cell]

    def _shut(self, pupil: Pupil, record: Record, cell: Cell) -> str | None:
        """Return why nobody may change the cell now: submitted, window closed, left, exempt, another grade; or None."""
        if not record.editable:
            return f"{pupil.name}: {_STANDING.get(record.state, _SEALED)}"
        decides = act_for_cell(cell) is Act.DECIDE_PROMOTION
        if not decides and (closed := self._window(cell.period)):
            return closed
        return self._not_there(pupil, cell, decides=decides)

    def earlier(self, pupil: Pupil, record: Record, cell: Cell) -> str | None:
        """Return why a result of a period that is over may not come in from the school's earlier program."""
        if not record.editable:
            return f"{pupil.name}: {_STANDING.get(record.state, _SEALED)}"
        if not self._window(cell.period):
            return f"Kỳ {Period(cell.period).label} đang mở: giáo viên nạp hoặc nhập như thường."
        return self._not_there(pupil, cell, decides=False)

    def _not_there(self, pupil: Pupil, cell: Cell, *, decides: bool) -> str | None:
        """Return why the pupil has no such cell; None when there is one."""
        if not pupil.studying:
            return f"{pupil.name} đã chuyển đi."
        if not pupil.assessed and not decides:  # Whether such a pupil is promoted is still decided.
            return f"{pupil.name}: học sinh khuyết tật không đánh giá; GVCN, hiệu trưởng đổi ở danh sách lớp."
        if cell.item in SUBJECTS and cell.item in pupil.exempt_subjects:
            return f"{pupil.name} được miễn môn này; GVCN, hiệu trưởng đổi ở danh sách lớp."
        if cell.item in pupil.left_out:
            return f"Kế hoạch giáo dục cá nhân của {pupil.name} không có mục này."
        if (pupil.grade, cell) not in self._absent:
            self._absent[pupil.grade, cell] = no_such_cell(cell, class_for(pupil, self._classroom))
        return self._absent[pupil.grade, cell]

    def _window(self, period: str) -> str | None:
        if period not in self._closed:
            label = Period.END_YEAR.label if period == YEAR else Period(period).label
            settings, today = self._school.settings, self._school.today
            words = standing(settings, period, today)
            now = "cần sớm hơn thì hỏi hiệu trưởng" if "từ" in words else "hiệu trưởng mở kỳ thì mới nhập được"
            shut = not is_open(settings, period, today)
            self._closed[period] = f"Kỳ {label} {words}; {now}." if shut else None
        return self._closed[period]
