"""Assess again: another test after an odd score (Điều 7.1d), additional assessment after CHT (Điều 11.1b)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades.locks import Locks
from hocba_tui.intake.dates import read_date
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import (
    LEVEL,
    REASSESSMENTS,
    SCORE,
    Attempt,
    Cell,
    Reassessment,
    Results,
    Value,
    attempts_cell,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Outcome, Period
from hocba_tui.rules.curriculum import class_for
from hocba_tui.rules.lawful import Unlawful, read_typed
from hocba_tui.rules.outcome import outcome_of
from hocba_tui.store.backend import Edit, Entry
from hocba_tui.text import clean_line, day_first

_FUTURE = "Ngày đánh giá không thể ở tương lai."


@dataclass(frozen=True)
class Again:
    """The result of assessing a pupil again, as typed: the value, the day (dd/mm/yyyy), why."""

    text: str
    day: str
    reason: str


def assess_again(desk: Desk, class_key: str, pupil_key: str, cell: Cell, again: Again) -> Entry:
    """Write a new score or level next to the earlier ones, in one change.

    A score keeps every attempt with its day, and the last one counts (TT 27/2020 Điều 7.1d). At the end
    of a year that ended in CHT it is also a reassessment (Điều 11.1b); only there a level is assessed
    again. Raise Refused when there is nothing to repeat or a value is not lawful, CellConflict
    when somebody has changed the cell meanwhile.
    """
    opened = desk.open_class(class_key)  # The permission is asked by the locks of the cell.
    pupil, classroom, school = opened.pupil(pupil_key), opened.classroom, opened.school
    if pupil is None:
        raise Refused(f"Em này không còn trong lớp {class_key}.")
    if reason := Locks(opened).reason(pupil, opened.record(pupil_key), cell):
        raise Refused(reason)
    results = Results(opened.document(RESULTS, pupil_key))
    value = _read(again, cell, class_for(pupil, classroom))
    day = _day(again.day, school.today)
    changed: dict[Cell, object] = {cell: value}
    if cell.aspect == SCORE:
        changed[attempts_cell(cell.period, cell.item)] = _attempts(results, cell, value, day, again)
    if _follows_cht(pupil, classroom, results, cell):
        changed[REASSESSMENTS] = _reassessments(school.account, pupil, classroom, results, {**changed}, day, again)
    elif cell.aspect == LEVEL:
        raise Refused(
            "Chỉ đánh giá lại mức khi kết quả cuối năm là Chưa hoàn thành (Điều 11).",
            "Nếu gõ nhầm mức thì gõ đè lên ô.",
        )
    edits = [Edit(RESULTS, pupil_key, c.field, results.fields.get(c.field), after) for c, after in changed.items()]
    note, rests = clean_line(again.reason), opened.as_read(pupil_key)
    return opened.shard.change(school.account, "assess_again", edits, note, rests)


def _read(again: Again, cell: Cell, own: ClassRoom) -> Value:
    if cell.aspect not in (SCORE, LEVEL):
        raise Refused("Chỉ kiểm tra lại điểm, hoặc đánh giá lại mức.", "Đưa con trỏ tới ô điểm hay ô mức.")
    if not clean_line(again.reason):
        raise Refused("Kiểm tra, đánh giá lại thì phải ghi lí do.", "Lí do được lưu lại cùng tên người làm.")
    read = read_typed(again.text, cell, own)
    if isinstance(read, Unlawful):
        raise Refused(read.reason)
    if read.value is None:
        raise Refused("Chưa gõ kết quả của lần này.")
    return read.value


def _day(typed: str, today: date) -> str:
    day = read_date(clean_line(typed))
    if not day:
        raise Refused(f"Ngày “{typed[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 03/06/2026.")
    if day > today.isoformat():
        raise Refused(_FUTURE)
    return day


def _attempts(results: Results, cell: Cell, value: Value, day: str, again: Again) -> list[list[Value]]:
    before = results.attempts(cell.period, cell.item)
    if not before:
        first = results.score(Period(cell.period), cell.item)
        if first is None:
            raise Refused("Chưa có điểm lần đầu thì chưa có lần sau.", "Gõ điểm vào ô.")
        before = (Attempt(first, ""),)
    if before[-1].day > day:
        raise Refused(f"Lần trước là ngày {day_first(before[-1].day)}; lần này không thể sớm hơn.")
    assert isinstance(value, int)
    return [list(attempt) for attempt in (*before, Attempt(value, day, clean_line(again.reason)))]


def _follows_cht(pupil: Pupil, classroom: ClassRoom, results: Results, cell: Cell) -> bool:
    """Return whether this belongs to a reassessment after CHT; its first subject may have led to HT already."""
    if cell.period != Period.END_YEAR:
        return False
    return outcome_of(pupil, classroom, results) is Outcome.CHT or bool(results.reassessments())


def _reassessments(
    actor: str,
    pupil: Pupil,
    classroom: ClassRoom,
    results: Results,
    changed: dict[Cell, object],
    day: str,
    again: Again,
) -> list[list[object]]:
    after = Results({**results.fields, **{cell.field: value for cell, value in changed.items()}})
    outcome, done = outcome_of(pupil, classroom, after), list(results.reassessments())
    fields = [cell.field for cell in changed if cell.aspect in (SCORE, LEVEL)]
    note = clean_line(again.reason)
    if done and (done[-1].day, done[-1].by) == (day, actor):
        last = done.pop()
        fields = list(dict.fromkeys([*last.fields, *fields]))
        note = last.note if note in last.note else f"{last.note}; {note}"
    done.append(Reassessment(day, actor, fields, outcome.value if outcome else "", note))
    return [[*row[:2], list(row.fields), row.outcome, row.note] for row in done]
