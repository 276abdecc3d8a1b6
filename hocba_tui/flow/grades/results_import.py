"""Import results and comments: preview the file, then write all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from hocba_tui.errors import CellConflict, Refused
from hocba_tui.flow.desk import RESULTS, Desk, OpenSchool
from hocba_tui.flow.file_says import ClassNames, other_years
from hocba_tui.flow.grades.enter import Typed, together
from hocba_tui.flow.grades.locks import Locks
from hocba_tui.flow.grades.results_import_rows import BankCodes, Reader, ResultLine
from hocba_tui.flow.grades.steps import EARLIER, IMPORT
from hocba_tui.flow.handing_out import require_from_outside
from hocba_tui.flow.importing import ImportPreview, LeftOut, RowKind, whole_file, whole_file_waits
from hocba_tui.flow.preferences import calling
from hocba_tui.flow.pupils.match_class import FoundPupil, Passed, Roll
from hocba_tui.intake.result_columns import subject_of
from hocba_tui.intake.results_file import ResultRow, read_results
from hocba_tui.intake.sheet_says import SheetSays
from hocba_tui.intake.source import Source, read
from hocba_tui.intake.workbook import Sheet
from hocba_tui.model.bank import BankEntry
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import ATTEMPTS, SCORE, Cell
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.curriculum import grade_of
from hocba_tui.rules.permits import Act
from hocba_tui.rules.windows import is_open
from hocba_tui.store.backend import Edit, Expect


def _no_bank(_: OpenSchool) -> Iterable[BankEntry]:
    return ()


@dataclass(frozen=True)
class ResultsRequest:
    """What to read from a file: the period, the class or grade, and the subject of columns that name none."""

    period: Period
    class_key: str = ""
    """One class; empty: every class that the actor may see."""
    grade: int = 0
    """One grade; 0: all."""
    subject: str = ""
    """Code of the subject of a sheet whose columns name none."""
    comments: bool = False
    """Only comments."""
    earlier: str = ""
    """The source of results of a period that is over: the school's program before this one, and of when they are."""
    bank: Callable[[OpenSchool], Iterable[BankEntry]] = field(default=_no_bank, compare=False, repr=False)
    """The bank that the codes in a column "Mã nhận xét" name; it is asked for when a file has one."""


@dataclass(frozen=True)
class ResultsPreview(ImportPreview[ResultLine]):
    """What a file of results would do, cell by cell."""

    KINDS = (RowKind.NEW, RowKind.CHANGED, RowKind.SAME, RowKind.REFUSED, RowKind.WRONG)
    UNIT = "ô"
    REMEDY = "Sửa các chỗ lỗi trong Excel rồi nạp lại."

    absent: tuple[Pupil, ...]
    """Pupils of the classes in the file whom the file does not name; they do not change."""
    kept: int
    """Number of cells that are empty only in the file: an empty cell never erases anything."""
    others: int
    """Number of rows of classes that were not asked for or that the actor may not see."""
    earlier: str
    """The source of results of a period that is over, empty for those of an open one."""
    again: Callable[[Desk], ResultsPreview] = field(compare=False, repr=False)
    """Return what the same file would do with every offer accepted."""

    def notes(self) -> tuple[str, ...]:
        """Return in Vietnamese which pupils, cells and rows stay unchanged."""
        told = (
            (self.kept, "ô trống trong tệp mà trường đã có giá trị: giữ nguyên, tệp không xóa gì"),
            (len(self.absent), "em có trong lớp nhưng không có trong tệp: giữ nguyên"),
            (self.others, "dòng của lớp khác, không phải lớp cần nạp: bỏ qua"),
        )
        return tuple(f"{count} {words}." for count, words in told if count)

    def refusals(self) -> Mapping[str, int]:
        """Return the reasons why cells are not written, with the number of cells of each."""
        return Counter(line.reason for line in self.lines if line.kind is RowKind.REFUSED)


def only_open_period(desk: Desk) -> Period | None:
    """Return the period that is open for entry, None when no or several periods are open."""
    school = desk.open_school()
    opened = [period for period in Period if is_open(school.settings, period, school.today)]
    return opened[0] if len(opened) == 1 else None


def subject_named(typed: str) -> str:
    """Return the code of a subject given by code or name, empty for an empty text; Refused when it is unknown."""
    code = subject_of(typed)
    if typed and not code:
        raise Refused(f"Không có môn “{typed}”.", "Mã môn: " + ", ".join(SUBJECTS))
    return code


def preview(desk: Desk, source: Source, request: ResultsRequest, *, accept_offers: bool = False) -> ResultsPreview:
    """Return what a file or a pasted block would do; nothing is written.

    Refused when there is nothing to read. Each cell is judged as if it were typed: whether it is lawful, and whether
    the actor may change it. Stored values of formulas are used only with ``accept_offers``. With ``request.earlier``
    the file fills empty cells of a period that is over; Refused while the period is open.
    """
    require_classes(desk, request)  # Before anything is read.
    require_from_outside(desk, source)
    sheets, name = read(source)
    return _look_through(desk, sheets, name, request, accepted=accept_offers)


def require_classes(desk: Desk, request: ResultsRequest) -> None:
    """Raise NotAllowed unless the actor may see what the file is for: the class, or some class of the school.

    For results of a period that is over it is the act itself. Each cell is asked for when it is read.
    """
    school = desk.open_school()
    if request.earlier:
        _require_earlier(school, request.period)
    if request.class_key:
        school.require(Act.VIEW_CLASS, school.classroom(request.class_key))
    else:
        school.require_somewhere(Act.VIEW_CLASS)


def accept(desk: Desk, found: ResultsPreview) -> ResultsPreview:
    """Return what the same file would do with every offer accepted; nothing is written."""
    return found.again(desk)


def _look_through(
    desk: Desk, sheets: Sequence[Sheet], name: str, request: ResultsRequest, *, accepted: bool
) -> ResultsPreview:
    listed = read_results(sheets, request.subject, request.period, comments=request.comments, accept_offers=accepted)
    school = desk.open_school()  # Again: reading a file may take long, and a person has read the offers.
    if request.earlier:
        _require_earlier(school, request.period)
    classrooms = {classroom.key: classroom for classroom in _classrooms(school, request)}
    left_out = LeftOut(school)
    roll = Roll(school, list(classrooms.values()), left_out)
    codes = BankCodes(partial(request.bank, school), partial(calling, desk))
    reader = Reader(school, request.period, codes, earlier=bool(request.earlier))
    findings = [
        *listed.findings,
        *other_years(school, listed.says, (row.year for row in listed.rows)),
        *_other_classes(ClassNames(school.classrooms()), list(classrooms.values()), listed.says),
    ]
    below: list[tuple[ResultRow, Finding]] = []
    """Rows without a pupil after a blank row: signatures, unless a pupil follows on the sheet."""
    passed: Counter[Passed] = Counter()
    for row in listed.rows:
        if below and below[-1][0].sheet != row.sheet:
            findings += _below(below)
            below.clear()
        found = roll.find(row)
        if isinstance(found, FoundPupil):
            findings += [finding for _, finding in below]
            below.clear()
            reader.read(row, found)
        elif isinstance(found, Passed):
            passed[found] += 1
        elif any(row.cells.values()):
            if found.code == "IN-PUPIL" and (row.apart or below):
                below.append((row, found))
            else:
                findings.append(found)
    findings += _below(below)
    unknown = sum(finding.code in _UNKNOWN for finding in findings)
    if unknown >= _MANY and len(reader.named) * 10 < unknown:
        message = (
            f"Trong {len(listed.rows)} dòng chỉ nhận ra {len(reader.named)} em: có lẽ chọn nhầm tệp hoặc nhầm lớp."
        )
        findings = [finding for finding in findings if finding.code not in _UNKNOWN]
        findings.append(Finding("IN-WRONG-FILE", Severity.ERROR, message, listed.rows[0].where, "name", _OTHER_CLASS))
    others = passed[Passed.OTHER_CLASS]
    if others and request.class_key and not reader.named and not passed[Passed.LEFT_OUT]:
        findings.append(_all_others(listed.rows, request.class_key, others))
    order = {key: number for number, key in enumerate(reader.named)}
    lines = tuple(sorted(reader.lines, key=lambda line: (line.class_key, order[line.pupil.key])))
    absent = tuple(
        pupil
        for class_key in sorted(reader.touched)
        for pupil in school.open_class(class_key).pupils()
        if pupil.key not in reader.named
        if request.grade in (0, grade_of(pupil, classrooms[class_key]))
    )
    again = partial(_look_through, sheets=sheets, name=name, request=request, accepted=True)
    offers = 0 if accepted else listed.offers
    findings += (*left_out.findings(), *reader.findings)
    return ResultsPreview(
        name, lines, tuple(findings), absent, reader.kept, others, request.earlier, again, offers=offers
    )


def _require_earlier(school: OpenSchool, period: Period) -> None:
    """Raise NotAllowed unless the actor may bring in results of a period that is over, Refused when it is open."""
    school.require(Act.BRING_EARLIER)
    if is_open(school.settings, period, school.today):
        what = f"Kỳ {period.label} đang mở, không phải kỳ đã qua."
        raise Refused(what, "Giáo viên nạp kết quả như thường: mục kết quả (hocba intake results).")


def _below(rows: Sequence[tuple[ResultRow, Finding]]) -> Iterator[Finding]:
    """Yield a warning for each named row below the table of a sheet."""
    remedy = "Không cần làm gì nếu là chỗ kí; nếu là học sinh, sửa họ tên trong Excel, rồi nạp lại."
    for row, _ in rows:
        if row.name:
            message = f"{row.where}: “{row.name}” đứng dưới bảng, không phải học sinh của lớp; bỏ qua dòng này."
            yield Finding("IN-BELOW", Severity.WARNING, message, row.where, "name", remedy)


def _other_classes(names: ClassNames, wanted: Sequence[ClassRoom], says: Iterable[SheetSays]) -> Iterator[Finding]:
    """Yield an error for each sheet that names a class that the school lacks, or only other grades."""
    grades = {grade for classroom in wanted for grade in classroom.grades}
    for said in says:
        unknown = [name.upper() for name in said.classes if not names.may_mean(name)]
        if unknown:
            message = f"Trang “{said.sheet}” ghi lớp {', '.join(unknown)}, trường không có lớp ấy; không nạp."
            yield Finding("IN-CLASS", Severity.ERROR, message, said.sheet, "class", _OTHER_CLASS)
        elif not said.classes and said.grades and not said.grades & grades:
            named, ours = ", ".join(map(str, sorted(said.grades))), ", ".join(room.key for room in wanted)
            message = f"Trang “{said.sheet}” ghi khối {named}, đang nạp lớp {ours}; không nạp."
            yield Finding("IN-CLASS", Severity.ERROR, message, said.sheet, "class", _OTHER_CLASS)


def _all_others(rows: Sequence[ResultRow], class_key: str, count: int) -> Finding:
    """Return the error of a file that has only pupils of other classes than the wanted one."""
    named = dict.fromkeys(row.class_key or row.title_class.upper() for row in rows)
    told = f" (tệp ghi lớp {', '.join(filter(None, named))})" if any(named) else ""
    message = f"Cả {count} dòng là của lớp khác{told}, đang nạp lớp {class_key}; không nạp."
    return Finding("IN-CLASS", Severity.ERROR, message, rows[0].where, "class", _OTHER_CLASS)


def _classrooms(school: OpenSchool, request: ResultsRequest) -> list[ClassRoom]:
    if request.class_key:
        return [school.open_class(request.class_key, Act.VIEW_CLASS).classroom]
    return [classroom for classroom in school.my_classes() if request.grade in (0, *classroom.grades)]


_UNKNOWN = ("IN-PUPIL", "IN-CLASS", "IN-NAME", "IN-TWO")
_MANY = 20
"""From this many unknown rows on, a file of which hardly any row names a pupil is the wrong one."""
_OTHER_CLASS = "Chọn đúng lớp của tệp rồi nạp lại, hoặc sửa tên lớp trong tiêu đề của tệp."
_AGAIN = "Xem trước lại tệp này để thấy giá trị mới."


def apply(desk: Desk, found: ResultsPreview) -> int:
    """Write a preview to all its classes as one; return the number of written cells.

    Refused when a finding is an error; Conflict when somebody changed one of the cells, submitted one of the
    records or closed the period since the preview. In each class the import is one step of the actor's undo.
    """
    school = desk.open_school()  # Again: a person has read the preview.
    if found.earlier:
        school.require(Act.BRING_EARLIER)
    found.require_usable()
    act, note = (EARLIER, f"{found.earlier} ({found.source})") if found.earlier else (IMPORT, found.source)
    steps: dict[str, list[Edit]] = {}
    rests: dict[str, list[Expect]] = {}
    for class_key, lines in groupby(found.writing, key=lambda line: line.class_key):
        opened = school.open_class(class_key)  # The permission is asked for each cell, by its locks.
        locks, name = Locks(opened), opened.shard.name
        for key, cells in groupby(lines, key=lambda line: line.pupil.key):
            pupil = opened.pupil(key)
            rests.setdefault(name, []).extend(opened.as_read(key))
            for line in cells:
                gone = f"Em này không còn trong lớp {class_key}."
                locked = locks.earlier if found.earlier else locks.reason
                if reason := locked(pupil, opened.record(key), line.cell) if pupil else gone:
                    raise whole_file_waits(f"{line.pupil.name}, {line.label}: {reason}", _AGAIN)
                edits = steps.setdefault(name, [])
                edits.append(Edit(RESULTS, key, line.cell.field, line.before, line.after))
                typed = Typed(key, line.cell, str(line.after), line.before)
                edits += together(opened, typed, line.after)
    with whole_file(desk, partial(_changed_cell, found), _AGAIN):
        if len(steps) == 1:
            ((name, edits),) = steps.items()
            desk.store.shard(name).change(desk.account, act, edits, note, rests[name])
        elif steps:
            desk.store.across(desk.account, act, steps, note, rests)
    return len(found.writing)


def _changed_cell(found: ResultsPreview, conflict: CellConflict, who: str) -> str:
    """Return, in Vietnamese, which cell of which pupil ``who`` changed, and to what."""
    cell = Cell.parse(conflict.field)
    retested = cell.aspect == ATTEMPTS
    wanted = cell._replace(aspect=SCORE) if retested else cell
    line = next(line for line in found.writing if (line.pupil.key, line.cell) == (conflict.key, wanted))
    held = "trống" if conflict.held is None else f"“{str(conflict.held)[:40]}”"
    did = "đã ghi lần kiểm tra khác" if retested else f"đã đổi thành {held}"
    return f"{line.pupil.name}, {line.label}: {who} {did}"
