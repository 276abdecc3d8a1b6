"""The facts of a person: what the format requires, what is ambiguous, what is unlikely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.curriculum import grade_of, traits_of
from hocba_tui.rules.identity import is_temporary, personal_id_doubts, personal_id_problem
from hocba_tui.text import loose

REQUIRED = {
    "code": ("CARRY-NO-CODE", "mã học sinh"),
    "birth": ("CARRY-NO-BIRTH", "ngày sinh"),
    "sex": ("CARRY-NO-SEX", "giới tính"),
    "ethnic": ("CARRY-NO-ETHNIC", "dân tộc"),
    "birthplace": ("CARRY-NO-BIRTHPLACE", "nơi sinh"),
    "hometown": ("CARRY-NO-HOMETOWN", "quê quán"),
    "address": ("CARRY-NO-ADDRESS", "chỗ ở hiện nay"),
    "mother": ("CARRY-NO-MOTHER", "họ tên mẹ"),
    "register_no": ("CARRY-NO-REGISTER-NO", "số đăng bộ"),
}
"""Required by hbs-1.0 (CV 2088, Phụ lục 1.1)."""

USUAL_AGE_BEFORE_GRADE = 5
"""A pupil of grade g has the age 5 + g in the calendar year in which the school year begins."""


def personal_findings(pupil: Pupil, classroom: ClassRoom) -> list[Finding]:
    """Return what is missing, malformed or unlikely among the facts of a pupil."""
    return [
        *_required(pupil),
        *personal_id_doubts(pupil),
        *_age(pupil, grade_of(pupil, classroom), classroom.year),
        *_no_grade(pupil, classroom),
    ]


def _required(pupil: Pupil) -> list[Finding]:
    found = []
    if not pupil.personal_id:
        found.append(
            Finding(
                "CARRY-NO-ID",
                Severity.ERROR,
                "Chưa có số định danh cá nhân; cổng tiếp nhận không nhận học bạ thiếu số này.",
                pupil.key,
                "personal_id",
                "Hỏi phụ huynh hoặc Công an xã, rồi nhập vào danh sách lớp.",
            )
        )
    elif problem := personal_id_problem(pupil.personal_id):
        found.append(
            Finding("CARRY-BAD-ID", Severity.ERROR, problem, pupil.key, "personal_id", "Sửa trong danh sách lớp.")
        )
    found += [
        Finding(
            code,
            Severity.ERROR,
            f"Thiếu {label}, trường mà định dạng bắt buộc.",
            pupil.key,
            name,
            "Bổ sung trong danh sách lớp.",
        )
        for name, (code, label) in REQUIRED.items()
        if not getattr(pupil, name)
    ]
    if pupil.code and is_temporary(pupil.code):
        message = f"Mã học sinh còn là mã tạm ({pupil.code}); học bạ cần mã của CSDL ngành."
        remedy = "Khi có mã chính thức: nạp lại danh sách lớp, hoặc ghi mã trong danh sách lớp."
        found.append(Finding("CARRY-NO-CODE", Severity.ERROR, message, pupil.key, "code", remedy))
    if not pupil.history:
        found.append(
            Finding(
                "CARRY-NO-HISTORY",
                Severity.ERROR,
                "Chưa có quá trình học tập (năm học, lớp, trường, ngày đến).",
                pupil.key,
                "history",
                "Nạp lại danh sách lớp, hoặc nhờ văn thư bổ sung.",
            )
        )
    return found


def _age(pupil: Pupil, grade: int, year: str) -> list[Finding]:
    """Return a warning for a pupil who is too young for the grade, or three or more years too old.

    Age counts in calendar years; a child may start up to three years late with a disability, in a
    remote place, or back from abroad (Điều lệ trường tiểu học, TT 28/2020 Điều 33).
    """
    if not pupil.birth or not year:
        return []
    age = int(year[:4]) - int(pupil.birth[:4])
    late = age - USUAL_AGE_BEFORE_GRADE - grade
    if 0 <= late <= 2:
        return []
    usual = f"{age} tuổi (tính theo năm) học lớp {grade}; thường là {USUAL_AGE_BEFORE_GRADE + grade} tuổi."
    if late in (-1, 3):
        message, remedy = usual, "Đối chiếu ngày sinh với giấy khai sinh; nếu đúng thì bỏ qua."
    else:
        message, remedy = f"Rất có thể sai ngày sinh: {usual}", "Đối chiếu giấy khai sinh, sửa trong danh sách lớp."
    return [Finding("ODD-AGE", Severity.WARNING, message, pupil.key, "birth", remedy)]


def _no_grade(pupil: Pupil, classroom: ClassRoom) -> list[Finding]:
    """Return a warning when the grade of a pupil in a combined class is not given."""
    if not classroom.combined or pupil.grade is not None:
        return []
    message = f"Lớp ghép: chưa ghi em học khối nào, đang tính là khối {classroom.grade}."
    remedy = "Ghi mục Khối (lớp ghép) ở danh sách lớp."
    return [Finding("ODD-NO-GRADE", Severity.WARNING, message, pupil.key, "grade", remedy)]


def not_assessed(pupil: Pupil) -> Finding:
    """Return the finding that a pupil who is not assessed cannot have a record."""
    return Finding(
        "CARRY-NOT-ASSESSED",
        Severity.ERROR,
        "Học sinh khuyết tật không đánh giá: chưa có kết quả mà định dạng hbs-1.0 bắt buộc.",
        pupil.key,
        "assessed",
        "Giữ hồ sơ giấy; chờ định dạng mới có trường “không đánh giá”.",
    )


def plan_without_traits(pupil: Pupil, classroom: ClassRoom) -> list[Finding]:
    """Return why a pupil cannot have a record whose plan leaves out what the format requires of everybody.

    hbs-1.0 requires every quality and competency that all grades have (CV 2088, Phụ lục 1.1).
    """
    missing = [
        t for t in traits_of(grade_of(pupil, classroom)) if t.code in pupil.left_out and t.grades == (1, 2, 3, 4, 5)
    ]
    if not missing:
        return []
    return [
        Finding(
            "CARRY-PLAN",
            Severity.ERROR,
            f"Kế hoạch giáo dục cá nhân bỏ {missing[0].name}, mà định dạng hbs-1.0 bắt buộc có.",
            pupil.key,
            "not_in_plan",
            "Đánh giá theo mức của kế hoạch thay vì bỏ mục này; hoặc giữ hồ sơ giấy.",
        )
    ]


def left_out_without_plan(pupil: Pupil) -> list[Finding]:
    """Return an error when something is left out without a plan: only a disabled pupil has one (TT 27/2020 Điều 8)."""
    if not pupil.left_out or (pupil.plan and pupil.disability):
        return []
    what = "không ghi khuyết tật" if pupil.plan else "chưa ghi kế hoạch giáo dục cá nhân"
    message = f"Có mục không đánh giá ({pupil.not_in_plan}) mà em {what} (Điều 8)."
    remedy = "Ghi khuyết tật và số, ngày của kế hoạch ở danh sách lớp; hoặc xóa mục Ngoài kế hoạch."
    return [Finding("CARRY-NO-PLAN", Severity.ERROR, message, pupil.key, "not_in_plan", remedy)]


def doubles(pupils: Sequence[Pupil]) -> list[Finding]:
    """Return findings for pupils of a class who share an id or a code (errors), or name and birth date (a hint)."""
    return [
        *_sharing(pupils, lambda p: p.personal_id, lambda p: _double_id(p.key)),
        *_sharing(pupils, lambda p: p.code, lambda p: _double_code(p.key)),
        *_sharing(
            pupils, lambda p: f"{loose(p.name)} {p.birth}" if p.name and p.birth else "", lambda p: _namesake(p.key)
        ),
    ]


def _sharing(
    pupils: Sequence[Pupil], key: Callable[[Pupil], str], finding: Callable[[Pupil], Finding]
) -> list[Finding]:
    counts = Counter(shared for pupil in pupils if (shared := key(pupil)))
    return [finding(pupil) for pupil in pupils if counts[key(pupil)] > 1]


def _double_id(pupil: str) -> Finding:
    return Finding(
        "CARRY-DOUBLED-ID",
        Severity.ERROR,
        "Hai học sinh có cùng số định danh.",
        pupil,
        "personal_id",
        "Đối chiếu giấy khai sinh của cả hai em (hay gặp ở trẻ sinh đôi).",
    )


def _double_code(pupil: str) -> Finding:
    return Finding(
        "CARRY-DOUBLED-CODE",
        Severity.ERROR,
        "Hai học sinh có cùng mã học sinh.",
        pupil,
        "code",
        "Đối chiếu với CSDL ngành, rồi nạp lại danh sách lớp.",
    )


def _namesake(pupil: str) -> Finding:
    return Finding(
        "ODD-NAMESAKE",
        Severity.HINT,
        "Trong lớp có hai em cùng họ tên và cùng ngày sinh.",
        pupil,
        "name",
        "Nếu một em bị nhập hai lần thì nhờ văn thư bỏ bớt; nếu là hai em khác nhau thì bỏ qua.",
    )
