"""Import a list of staff: preview it, then write all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hocba_tui.flow.desk import STAFF, Desk, OpenSchool
from hocba_tui.flow.handing_out import require_from_outside
from hocba_tui.flow.importing import ImportLine, ImportPreview, RowKind, changed_row, whole_file
from hocba_tui.flow.school.accounts import new_account, require_for_one
from hocba_tui.intake.source import Source
from hocba_tui.intake.staff_list import ListedPerson, StaffList, read_staff_list
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.school import Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import BY_DUTY, Act
from hocba_tui.rules.second_person import TRUSTED, is_head
from hocba_tui.rules.staff_status import Standing
from hocba_tui.store.backend import Edit, Expect, Value, edits_for
from hocba_tui.text import day_first, fold, loose

LABELS = {
    "name": "họ tên", "email": "email", "job": "vị trí việc làm", "personal_id": "số định danh", "sex": "giới tính",
    "birth": "ngày sinh", "subjects": "môn dạy", "left": "ngày rời trường",
}  # fmt: skip
"""The fields of a member of staff that a file can change, with their labels."""
_REMEDY = "Xem lại số định danh và email của người này trong tệp."
_POSTS = (
    ("pho hieu truong", Role.DEPUTY),
    ("hieu truong", Role.PRINCIPAL),
    ("van thu", Role.CLERK),
    ("cong nghe thong tin", Role.ADMINISTRATOR),
)
"""Words of a job and the role that they suggest; only a person gives such a role. The first match counts."""


@dataclass(frozen=True)
class StaffLine(ImportLine):
    """One person of the file: what would change, and which fields."""

    person: Staff
    before: Staff | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class StaffPreview(ImportPreview[StaffLine]):
    """What a list of staff would do."""

    KINDS = (RowKind.NEW, RowKind.CHANGED, RowKind.GONE, RowKind.SAME)
    NOUN = "Danh sách"
    UNIT = "người"

    listed: StaffList
    absent: tuple[Staff, ...]
    """Staff whom the file does not name; they do not change."""


def preview(desk: Desk, source: Source, *, accept_offers: bool = False) -> StaffPreview:
    """Return what a list of staff would do; nothing is written.

    A person is found by personal id, otherwise by email, otherwise by a name that only one person has. A new person
    gets an account and, with a teaching post, the role of a teacher; a file gives no other role. Text of a legacy font
    is used only with ``accept_offers``, after a person confirmed.
    """
    desk.require(Act.MANAGE_STAFF)
    require_from_outside(desk, source)
    listed = read_staff_list(source, accept_offers=accept_offers)
    return _look_through(desk.open_school(), listed, accept_offers)  # Again: reading a file may take long.


def accept(desk: Desk, found: StaffPreview) -> StaffPreview:
    """Return what the same rows would do with every offer accepted; nothing is written."""
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    return _look_through(school, found.listed.accepted(), accepted=True)


def _look_through(school: OpenSchool, listed: StaffList, accepted: bool) -> StaffPreview:
    present = school.everybody()
    findings = list(listed.findings)
    lines: list[StaffLine] = []
    taken = {person.key for person in present}
    for row, before in zip(listed.people, _recognise(listed.people, present), strict=True):
        if isinstance(before, Finding):
            findings.append(before)
            continue
        line = _line(school.today, row, before, taken, accepted=accepted)
        taken.add(line.person.key)
        lines.append(line)
        findings.extend(_against(school, row, line))
    times = Counter(line.person.key for line in lines)
    findings += [
        Finding(
            "IN-TWICE",
            Severity.ERROR,
            f"Hai dòng cùng là {line.person.name} ({line.person.key}).",
            line.person.key,
            "name",
            _REMEDY,
        )
        for line in lines
        if times.pop(line.person.key, 1) > 1
    ]
    named = {line.person.key for line in lines}
    absent = tuple(person for person in present if person.key not in named and not person.left)
    offers = 0 if accepted else listed.offers + sum(finding.code == "IN-RETURN" for finding in findings)
    return StaffPreview(listed.source, tuple(lines), tuple(findings), listed, absent, offers=offers)


def apply(desk: Desk, found: StaffPreview) -> int:
    """Write a preview as one change; return the number of changed people.

    Refused when a finding is an error, Conflict when somebody changed one of these facts since the preview.
    """
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    found.require_usable()
    edits: list[Edit] = []
    expecting: list[Expect] = []
    for line in found.writing:
        before = _document(line.before) if line.before else {}
        edits += edits_for(STAFF, line.person.key, before, _document(line.person))
        if line.before is None:
            expecting.append(Expect(STAFF, line.person.key, {}))
    if edits:
        require_for_one(school, edits)
        # The one who imports stays: two people who take each other off the list at once must not both succeed.
        expecting.append(Expect(STAFF, school.account, dict(school.document(STAFF, school.account))))
        with whole_file(desk, changed_row({line.person.key: line.person.name for line in found.writing})):
            school.shard.change(school.account, "import_staff", edits, found.source, expecting)
    return len(found.writing)


def _document(person: Staff) -> dict[str, Value]:
    """Return the person's document with lists, as the store returns it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in person.to_fields().items()}


def _recognise(rows: Sequence[ListedPerson], present: Sequence[Staff]) -> list[Staff | Finding | None]:
    """Return for each row the person, None for a new one, or an error when it is not clear."""
    sure = [_by_number(row, present) for row in rows]
    claimed = {found.key for found in sure if isinstance(found, Staff)}
    others = [person for person in present if person.key not in claimed]
    return [found or _by_name(row, others) for row, found in zip(rows, sure, strict=True)]


def _by_number(row: ListedPerson, present: Sequence[Staff]) -> Staff | Finding | None:
    """Return the person with the personal id of the row, otherwise with its email."""
    number, email = row.facts.get("personal_id", ""), row.facts.get("email", "")
    if found := next((person for person in present if number and person.personal_id == number), None):
        return found
    found = next((person for person in present if email and person.email == email), None)
    if found and number and found.personal_id:
        return _error("IN-STAFF-WHO", row, f"email này là của {found.name}, người có số định danh khác")
    return found


def _by_name(row: ListedPerson, others: Sequence[Staff]) -> Staff | Finding | None:
    """Return the only person with the name and no other personal id; an error when several match."""
    number, name = row.facts.get("personal_id", ""), loose(row.facts["name"])
    alike = [person for person in others if loose(person.name) == name and not (number and person.personal_id)]
    if len(alike) > 1:
        accounts = ", ".join(person.key for person in alike)
        return _error("IN-STAFF-WHO", row, f"trường có {len(alike)} người tên {row.facts['name']} ({accounts})")
    return alike[0] if alike else None


def _line(today: date, row: ListedPerson, before: Staff | None, taken: set[str], *, accepted: bool) -> StaffLine:
    base = before
    if base is None:
        title, roles = _post(row)
        account = new_account(row.facts["name"], taken, teaches=bool(roles))
        base = Staff(account, title=title, roles=roles)
    left = base.left
    if row.gone and not is_head(base):  # A head's role is taken away by two people first.
        left = left or today.isoformat()
    elif accepted and _returns(before, row):
        left = ""
    roles, posts = base.roles, base.posts
    if base.left and not left:
        # Who comes back comes without the roles that two people or a decision give: a file gives none of them.
        roles, posts = tuple(role for role in roles if Role(role) not in TRUSTED | BY_DUTY), ()
    subjects = row.subjects or base.subjects
    person = replace(base, subjects=subjects, left=left, roles=roles, posts=posts, **row.facts)
    fields = tuple(name for name in LABELS if getattr(person, name) != getattr(base, name))
    if before is None:
        kind = RowKind.GONE if person.left else RowKind.NEW
    elif person.left and not before.left:
        kind = RowKind.GONE
    else:
        kind = RowKind.CHANGED if fields else RowKind.SAME
    return StaffLine(kind, person, before, fields)


def _returns(before: Staff | None, row: ListedPerson) -> bool:
    """Return whether the file says of a person who has left that they work here; a word alone opens no account."""
    return before is not None and bool(before.left) and row.standing is Standing.WORKS


def _post(row: ListedPerson) -> tuple[str, tuple[str, ...]]:
    """Return the title and the roles of a new person: at most the role of a teacher."""
    job = fold(row.facts.get("job", ""))
    head = next((role for words, role in _POSTS if words in job), None)
    if head in (Role.PRINCIPAL, Role.DEPUTY):
        return head.label, (Role.TEACHER.value,)
    if "giao vien" in job or (not job and row.subjects):
        return "Giáo viên", (Role.TEACHER.value,)
    return ("Văn thư" if "van thu" in job else row.group or "Nhân viên"), ()


def _against(school: OpenSchool, row: ListedPerson, line: StaffLine) -> Iterator[Finding]:
    """Yield the errors of a line, and warnings about what else has to be done."""
    person = line.person
    if line.before is None and row.status and row.standing not in (Standing.WORKS, Standing.GONE):
        yield _error("IN-STATUS", row, f"{person.name}: người mới với trạng thái “{row.status[:40]}”")
    if line.before is not None and _returns(line.before, row):
        message = (
            f"Dòng {row.row}: {person.name} đã rời trường ngày {day_first(line.before.left)}, tệp ghi đang làm việc."
        )
        remedy = "Nếu người ấy đã trở lại: nhận đề nghị khi ghi; tài khoản sẽ mở lại. Nếu không, tài khoản vẫn đóng."
        yield Finding("IN-RETURN", Severity.WARNING, message, str(row.row), "left", remedy)
    if row.gone and person.key == school.account:
        yield _error("IN-STAFF-SELF", row, f"{person.name}: không tự cho mình rời trường bằng tệp được")
    elif row.gone and is_head(person):
        message = f"Dòng {row.row}: tệp ghi {person.name} ({person.key}) đã rời trường; tài khoản vẫn mở."
        remedy = f"Bỏ quyền trước, hai người: hocba account save {person.key} --roles; rồi nạp lại tệp."
        yield Finding("IN-STAFF-HEAD", Severity.WARNING, message, str(row.row), "left", remedy)
    if line.kind is RowKind.GONE:
        duties = [c.key for c in school.classrooms() if person.key in (c.homeroom, *c.teachers.values())]
        if duties:
            message = f"Dòng {row.row}: {person.name} rời trường nhưng còn được phân công ở lớp {', '.join(duties)}."
            remedy = "Phân công người thay: hocba assign."
            yield Finding("IN-STAFF-DUTY", Severity.WARNING, message, str(row.row), "left", remedy)
    role = next((role for words, role in _POSTS if words in fold(person.job)), None)
    if role is not None and not person.left and not person.has(role):
        message = f"Dòng {row.row}: {person.name} ({person.key}) là {role.label} nhưng tài khoản chưa có quyền này."
        yield Finding("IN-STAFF-ROLE", Severity.WARNING, message, str(row.row), "job", _giving(person))
    elif line.before is not None and (lost := [Role(r).label for r in line.before.roles if r not in person.roles]):
        message = f"Dòng {row.row}: {person.name} ({person.key}) trở lại trường mà không còn quyền {', '.join(lost)}."
        yield Finding("IN-STAFF-ROLE", Severity.WARNING, message, str(row.row), "left", _giving(person))


def _giving(person: Staff) -> str:
    return f"Tệp không cấp quyền; cấp bằng lệnh, hai người: hocba account save {person.key} --roles …"


def _error(code: str, row: ListedPerson, message: str) -> Finding:
    return Finding(code, Severity.ERROR, f"Dòng {row.row}: {message}.", str(row.row), "name", _REMEDY)
