"""Import a class list: preview it, then write all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hocba_tui.flow.desk import INDEX, Desk, OpenSchool
from hocba_tui.flow.file_says import ClassNames, other_years
from hocba_tui.flow.handing_out import require_from_outside
from hocba_tui.flow.importing import ImportPreview, LeftOut, RowKind, changed_row, whole_file
from hocba_tui.flow.pupils.facts import with_code
from hocba_tui.flow.pupils.match_school import recognise
from hocba_tui.flow.pupils.pupil_lines import PupilLine, new_key, plausible_birth, this_year, write
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.intake.pupil_list import PupilList
from hocba_tui.intake.pupil_row import ListedPupil
from hocba_tui.intake.source import Source
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.curriculum import grade_of
from hocba_tui.rules.enrolment import in_class, movements
from hocba_tui.rules.identity import is_temporary
from hocba_tui.rules.permits import Act
from hocba_tui.text import day_first, loose


@dataclass(frozen=True)
class PupilsPreview(ImportPreview[PupilLine]):
    """What a list of pupils would do."""

    KINDS = (RowKind.NEW, RowKind.CHANGED, RowKind.MOVED, RowKind.LEFT, RowKind.SAME)
    NOUN = "Danh sách"
    UNIT = "học sinh"

    listed: PupilList
    absent: tuple[Pupil, ...]
    """Pupils of the classes in the file whom the file does not name; they do not change."""


def preview(desk: Desk, source: Source, *, accept_offers: bool = False) -> PupilsPreview:
    """Return what a list of pupils would do; nothing is written.

    The list is a C1-HocSinh class list or the school's own list of new pupils. Pupils are recognised in all classes of
    the school (:func:`~hocba_tui.flow.pupils.match_school.recognise`). What a cell most likely means, and an official
    code that replaces another one, are findings; they are used only with ``accept_offers``, after a person confirmed.
    """
    require_some_class(desk)  # Before anything is read.
    require_from_outside(desk, source)
    listed = read_pupils(source, accept_offers=accept_offers)
    return _look_through(desk.open_school(), listed, accept_offers)


def require_some_class(desk: Desk) -> None:
    """Raise NotAllowed unless the actor may bring pupils into some class; into which ones is asked for each row."""
    desk.open_school().require_somewhere(Act.IMPORT_PUPILS)


def accept(desk: Desk, found: PupilsPreview) -> PupilsPreview:
    """Return what the same rows would do with every offer accepted; nothing is written."""
    return _look_through(desk.open_school(), found.listed.accepted(), accepted=True)


def _look_through(school: OpenSchool, listed: PupilList, accepted: bool) -> PupilsPreview:
    ids = {doc["personal_id"]: k for k, doc in school.table(INDEX).items() if doc.get("personal_id")}
    lines: list[PupilLine] = []
    findings = [*listed.findings, *other_years(school, listed.says)]
    rows = _with_classrooms(school, listed, findings)
    left_out = LeftOut(school)
    for (row, classroom), match in zip(rows, recognise(school, rows, left_out), strict=True):
        if match.left_out:
            continue
        if match.doubt is not None:
            findings.append(match.doubt)
            if match.doubt.severity is Severity.ERROR:
                continue
        before, was_in = (match.known.pupil, match.known.class_key) if match.known else (None, "")
        moves = was_in not in ("", classroom.key)
        if moves and not school.may(Act.IMPORT_PUPILS, school.classroom(was_in)).allowed:
            findings.append(_error("IN-MOVE", row, f"em này đang ở lớp {was_in}; văn thư mới chuyển lớp được"))
            continue
        line = _line(school, row, classroom, before, was_in, accept_offers=accepted)
        lines.append(line)
        findings.extend(_against(school, row, classroom, line))
        if ids.get(line.pupil.personal_id, line.pupil.key) != line.pupil.key:
            findings.append(_error("IN-ID-TAKEN", row, "số định danh này đang thuộc về một em khác của trường"))
    findings += left_out.findings()
    touched = {line.class_key for line in lines}
    named = {line.pupil.key for line in lines}
    absent = tuple(p for key in sorted(touched) for p in school.open_class(key).pupils() if p.key not in named)
    offers = 0 if accepted else listed.offers + sum(finding.code in _OFFERS for finding in findings)
    return PupilsPreview(listed.source, tuple(lines), tuple(findings), listed, absent, offers=offers)


def _with_classrooms(
    school: OpenSchool, listed: PupilList, findings: list[Finding]
) -> list[tuple[ListedPupil, ClassRoom]]:
    """Return the rows with their classes.

    Add a finding for a class that the school does not have, and for one that the title of the sheet contradicts.
    """
    names = ClassNames(school.classrooms())
    rows = []
    for row in listed.pupils:
        classroom, titled = names.find(row.class_key), names.find(row.title_class) if row.title_class else None
        if classroom is None:
            findings.append(_error("IN-CLASS", row, f"trường không có lớp “{row.class_key}”"))
        elif titled is not None and titled.key != classroom.key:
            message = f"tiêu đề của trang ghi lớp {titled.key}, dòng này ghi lớp {classroom.key}"
            findings.append(_error("IN-CLASS", row, message))
        else:
            rows.append((row, classroom))
    for classroom in {classroom.key: classroom for _, classroom in rows}.values():
        school.require(Act.IMPORT_PUPILS, classroom)
    return rows


def _against(school: OpenSchool, row: ListedPupil, classroom: ClassRoom, line: PupilLine) -> Iterator[Finding]:
    """Yield the errors, warnings and offers of a line."""
    before, birth, grade = line.before, line.pupil.birth, grade_of(line.pupil, classroom)
    if before is not None and line.kind is not RowKind.SAME:
        record = school.open_class(line.was_in).record(before.key)
        if not record.editable:
            yield _error("IN-LOCKED", row, f"học bạ của em này {record.state.label}, không đổi được")
    if birth and not plausible_birth(birth, school.settings.year, grade):
        yield _error("IN-BIRTH", row, f"ngày sinh {day_first(birth)} không thể là của học sinh khối {grade}")
    if classroom.combined and line.pupil.grade is None:
        message = f"{row.where}: lớp {classroom.key} là lớp ghép mà tệp không ghi khối; đang tính là khối {grade}."
        yield Finding("IN-GRADE", Severity.WARNING, message, str(row.row), "grade", _GRADE_REMEDY)
    elif row.grade not in (None, grade):
        message = f"{row.where}: tệp ghi khối {row.grade}, ở trường em này học khối {grade}; giữ khối {grade}."
        yield Finding("IN-GRADE", Severity.WARNING, message, str(row.row), "grade", _GRADE_REMEDY)
    if before is None and row.unclear:
        yield _error("IN-STATUS", row, "em mới với trạng thái không rõ; không biết em có học ở trường không")
    if before is not None and _returns(before, row):
        message = f"{row.where}: {before.name} đã rời trường ngày {day_first(before.left)}, tệp ghi là đang học."
        remedy = "Nếu em đã học lại: nhận đề nghị khi ghi, hoặc ghi ở danh sách lớp; nếu không, giữ là đã rời trường."
        yield Finding("IN-RETURN", Severity.WARNING, message, str(row.row), "left", remedy)
    if before is not None and _other_code(before, row):
        message = f"{row.where}: {before.name} đang có mã {before.code}, tệp ghi mã {row.code} (cùng số định danh)."
        remedy = "Nếu đúng là mã mới: nạp lại và nhận đề nghị; nếu không, mã cũ được giữ."
        yield Finding("IN-NEW-CODE", Severity.WARNING, message, str(row.row), "code", remedy)


def apply(desk: Desk, found: PupilsPreview) -> int:
    """Write a preview to all its classes as one; return the number of changed pupils.

    Refused when a finding is an error, Conflict when somebody changed a pupil since the preview.
    """
    changed, school = found.writing, desk.open_school()  # Again: a person has read the preview.
    school.require_somewhere(Act.IMPORT_PUPILS)
    found.require_usable()
    for class_key in {name for line in changed for name in (line.class_key, line.was_in) if name}:
        school.require(Act.IMPORT_PUPILS, school.classroom(class_key))
    if changed:
        with whole_file(desk, changed_row({line.pupil.key: line.pupil.name for line in changed})):
            write(school, changed, "import_pupils", found.source)
    return len(changed)


def _line(
    school: OpenSchool,
    row: ListedPupil,
    classroom: ClassRoom,
    before: Pupil | None,
    was_in: str,
    *,
    accept_offers: bool,
) -> PupilLine:
    base = before or Pupil(
        new_key(school, row.code), history=(this_year(school, classroom, row.facts.get("joined", "")),)
    )
    facts = {name: value for name, value in row.facts.items() if not _says_less(name, value, base, row)}
    if _returns(before, row) and not accept_offers:
        facts = {name: value for name, value in facts.items() if name not in ("left", "left_reason", "joined")}
    pupil = with_code(replace(base, **facts), _code(before, row, accept_offers=accept_offers))  # type: ignore[arg-type]
    if before is not None and was_in != classroom.key:
        pupil = in_class(pupil, school.classroom(was_in), classroom)
    if pupil.grade is None and classroom.combined and row.grade in classroom.grades:
        pupil = replace(pupil, grade=row.grade)
    fields = tuple(name for name, value in facts.items() if before is None or getattr(before, name) != value)
    if before is not None and before.code != pupil.code:
        fields = ("code", *fields)
    if before is not None and before.grade is None and pupil.grade is not None:
        fields = (*fields, "grade")
    if before is None:
        kind = RowKind.NEW if pupil.studying else RowKind.LEFT
    elif was_in != classroom.key:
        kind = RowKind.MOVED
    elif pupil.left and not before.left:
        kind = RowKind.LEFT
    else:
        kind = RowKind.CHANGED if fields else RowKind.SAME
    day = school.today.isoformat()
    if before is None:  # Without a day in the list, a new pupil came on the day in the history.
        day = min(day, base.history[0].arrived)
    moves = movements(before, pupil, was_in, classroom.key, day)
    return PupilLine(kind, classroom.key, replace(pupil, enrolment=(*pupil.enrolment, *moves)), before, was_in, fields)


def _returns(before: Pupil | None, row: ListedPupil) -> bool:
    """Return whether a status would bring back a pupil who has left: only a day after that one says so by itself."""
    if before is None or not before.left or row.facts.get("left") != "":
        return False
    return row.facts.get("joined", "") <= before.left


def _says_less(name: str, value: str, base: Pupil, row: ListedPupil) -> bool:
    """Return whether a fact of a file says less than what is known, or only spells it differently.

    A month or a year does not replace a date; another position of a tone mark (hoà, hòa) does not change a name;
    the status of a list does not replace the reason with which a pupil left on the same day.
    """
    if name == "left_reason":
        return bool(base.left_reason) and row.facts.get("left") == base.left != ""
    if name == "name":
        return loose(value) == loose(base.name) and value.casefold() != base.name.casefold()
    return name == "birth" and base.birth.startswith(value)


def _code(before: Pupil | None, row: ListedPupil, *, accept_offers: bool) -> str:
    """Return the code of a row's pupil: an official code replaces a temporary one, never the reverse."""
    if before is None or not before.code:
        return row.code
    if row.code in before.former_codes:
        return before.code
    if is_temporary(row.code):
        # A code made from the id is better than one made from a name, whose spelling may change.
        return row.code if is_temporary(before.code) and row.facts.get("personal_id") else before.code
    return row.code if is_temporary(before.code) or accept_offers else before.code


def _other_code(before: Pupil, row: ListedPupil) -> bool:
    """Return whether the row has a different official code than the pupil found by personal id."""
    known = ("", before.code, *before.former_codes)
    return row.code not in known and not is_temporary(row.code) and not is_temporary(before.code)


_OFFERS = ("IN-NEW-CODE", "IN-RETURN")
_GRADE_REMEDY = "Ghi đúng cột Khối rồi nạp lại, hoặc sửa mục Khối (lớp ghép) ở danh sách lớp."
_REMEDIES = {
    "IN-CLASS": ("class", "Sửa tên hoặc mã lớp trong Excel, rồi nạp lại."),
    "IN-MOVE": ("class", "Nhờ văn thư nạp danh sách này, hoặc bỏ dòng này."),
    "IN-LOCKED": ("name", "Hiệu trưởng trả lại học bạ của em này thì mới đổi được; hoặc bỏ dòng này."),
    "IN-STATUS": ("status", "Ghi một trạng thái của danh mục, hoặc bỏ dòng này, rồi nạp lại."),
    "IN-BIRTH": ("birth", "Đối chiếu giấy khai sinh, sửa trong Excel, rồi nạp lại."),
    "IN-ID-TAKEN": ("personal_id", "Đối chiếu giấy khai sinh của cả hai em, sửa trong Excel, rồi nạp lại."),
}


def _error(code: str, row: ListedPupil, message: str) -> Finding:
    return Finding(code, Severity.ERROR, f"{row.where}: {message}.", str(row.row), *_REMEDIES[code])
