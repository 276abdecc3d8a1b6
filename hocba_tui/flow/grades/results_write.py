"""Write what a results file was seen to do: all of it or nothing, over all its classes."""

from __future__ import annotations

from itertools import groupby

from hocba_tui.errors import CellConflict, Conflict, Refused
from hocba_tui.flow.desk import PUPILS, RECORDS, RESULTS, Desk
from hocba_tui.flow.grades.enter import IMPORT, Typed, together
from hocba_tui.flow.grades.locks import lock_reason
from hocba_tui.flow.grades.results_import import Preview
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record
from hocba_tui.model.results import ATTEMPTS, SCORE, Cell, Results
from hocba_tui.store.backend import Edit, Expect
from hocba_tui.text import moment

_AGAIN = "Xem trước lại tệp này để thấy giá trị mới."


def apply(desk: Desk, found: Preview) -> int:
    """Write a preview, over all its classes as one; return how many cells it wrote.

    Refused when a finding is an error; Conflict when somebody changed one of the cells, submitted one of the
    records or closed the period since the preview. In each class it is one step of its author's undo.
    """
    if not found.usable:
        raise Refused("Tệp còn lỗi; chưa ghi gì.", "Sửa các chỗ lỗi trong Excel rồi nạp lại.")
    steps: dict[str, list[Edit]] = {}
    rests: dict[str, list[Expect]] = {}
    for room, lines in groupby(found.writing, key=lambda line: line.classroom):
        classroom, shard = desk.classroom(room), desk.class_shard(room)
        for key, cells in groupby(lines, key=lambda line: line.pupil.key):
            documents = {table: dict(shard.document(table, key)) for table in (RECORDS, PUPILS)}
            pupil, record = Pupil.from_fields(key, documents[PUPILS]), Record.from_fields(key, documents[RECORDS])
            rests.setdefault(shard.name, []).extend(Expect(t, key, document) for t, document in documents.items())
            for line in cells:
                gone = "" if documents[PUPILS] else f"Em này không còn trong lớp {room}."
                if reason := gone or lock_reason(desk, classroom, pupil, record, line.cell):
                    raise Conflict(f"{line.pupil.name}, {line.label}: {reason} Cả tệp chưa ghi gì.", _AGAIN)
                edits = steps.setdefault(shard.name, [])
                edits.append(Edit(RESULTS, key, line.cell.field, line.before, line.after))
                typed = Typed(key, line.cell, str(line.after), line.before)
                edits += together(desk, typed, line.after, Results(shard.document(RESULTS, key)))
    try:
        if len(steps) == 1:
            ((name, edits),) = steps.items()
            desk.store.shard(name).change(desk.actor.key, IMPORT, edits, found.source, rests[name])
        elif steps:
            desk.store.across(desk.actor.key, IMPORT, steps, found.source, rests)
    except CellConflict as conflict:
        raise _named(desk, found, conflict) from conflict
    except Conflict as conflict:
        raise Conflict(f"{conflict.what} Cả tệp chưa ghi gì.", _AGAIN, conflict.safe) from conflict
    return len(found.writing)


def _named(desk: Desk, found: Preview, conflict: CellConflict) -> Conflict:
    """Return the conflict with the pupil, the cell, and who wrote there what and when."""
    cell = Cell.parse(conflict.field)
    retested = cell.aspect == ATTEMPTS
    wanted = cell._replace(aspect=SCORE) if retested else cell
    line = next(line for line in found.writing if (line.pupil.key, line.cell) == (conflict.key, wanted))
    who = desk.staff(conflict.who).name or conflict.who or "người khác"
    held = "trống" if conflict.held is None else f"“{str(conflict.held)[:40]}”"
    did = "đã ghi lần kiểm tra khác" if retested else f"đã đổi thành {held}"
    when = moment(conflict.when) if conflict.when else "vừa xong"
    what = f"{line.pupil.name}, {line.label}: {who} {did} ({when}). Cả tệp chưa ghi gì."
    return Conflict(what, _AGAIN, "Chưa ghi gì đè lên.")
