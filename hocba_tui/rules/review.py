"""What is missing or odd before a record may be made of a pupil's year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    COMMENT,
    HEIGHT,
    PROMOTED,
    SCORE,
    WEIGHT,
    YEAR_CELLS,
    Cell,
    Results,
    homeroom_comment,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Outcome, Period
from hocba_tui.rules.awards import award_findings
from hocba_tui.rules.curriculum import class_for, is_scored, subjects_for
from hocba_tui.rules.identity import personal_id_doubts, personal_id_problem
from hocba_tui.rules.outcome import missing_for_outcome, outcome_of

GAP = "GAP"
"""Codes that begin so: somebody still has to enter something."""
CARRY = "CARRY"
"""Codes that begin so: the format cannot carry this pupil as things stand."""

_END = Period.END_YEAR
_REQUIRED_PERSONAL = {
    "code": "mã học sinh",
    "birth": "ngày sinh",
    "sex": "giới tính",
    "ethnic": "dân tộc",
    "birthplace": "nơi sinh",
    "hometown": "quê quán",
    "address": "chỗ ở hiện nay",
    "mother": "họ tên mẹ",
    "register_no": "số đăng bộ",
}
"""Required by hbs-1.0 (CV 2088, Phụ lục 1.1)."""

_REQUIRED_YEAR = (HEIGHT, WEIGHT, ABSENT_EXCUSED, ABSENT_UNEXCUSED)
COPIED_TO = 5
"""A comment used for this many pupils or more is pointed out."""


def label_of(cell: Cell) -> str:
    """Return a cell's name for a teacher."""
    if cell in YEAR_CELLS:
        return YEAR_CELLS[cell]
    aspect = {"level": "mức", "score": "điểm KTĐK", "comment": "nhận xét"}.get(cell.aspect, cell.aspect)
    if cell.item in SUBJECTS:
        return f"{SUBJECTS[cell.item].name}: {aspect}"
    if cell.item in TRAITS:
        return f"{TRAITS[cell.item].group.label} · {TRAITS[cell.item].name}: {aspect}"
    if cell.item in set(TraitGroup):
        return f"Nhận xét {TraitGroup(cell.item).label.lower()}"
    return "Nhận xét của GVCN"


def review_pupil(pupil: Pupil, classroom: ClassRoom, results: Results) -> tuple[Finding, ...]:
    """Return everything that is missing, impossible or odd for one pupil at the year's end."""
    found = [*_personal(pupil), *personal_id_doubts(pupil)]
    if pupil.assessed:
        found += _gaps(pupil, classroom, results)
        found += _oddities(pupil, classroom, results)
        found += _promotion(pupil, classroom, results)
        found += award_findings(pupil, classroom, results)
    else:
        found.append(
            Finding(
                f"{CARRY}-NOT-ASSESSED",
                Severity.ERROR,
                "Học sinh khuyết tật không đánh giá: chưa có kết quả mà định dạng hbs-1.0 bắt buộc.",
                pupil.key,
                "assessed",
                "Giữ hồ sơ giấy; chờ định dạng mới có trường “không đánh giá”.",
            )
        )
    return tuple(found)


def review_class(pupils: Iterable[Pupil], classroom: ClassRoom, results: Mapping[str, Results]) -> tuple[Finding, ...]:
    """Return the findings of every studying pupil, then those that concern several at once."""
    studying = [pupil for pupil in pupils if pupil.studying]
    empty = Results({})
    found: list[Finding] = []
    for pupil in studying:
        found += review_pupil(pupil, classroom, results.get(pupil.key, empty))
    found += _doubled_ids(studying)
    found += _copied_comments(studying, results)
    return tuple(found)


def _personal(pupil: Pupil) -> list[Finding]:
    found = []
    if not pupil.personal_id:
        found.append(
            Finding(
                f"{CARRY}-NO-ID",
                Severity.ERROR,
                "Chưa có số định danh cá nhân; cổng tiếp nhận không nhận học bạ thiếu số này.",
                pupil.key,
                "personal_id",
                "Hỏi phụ huynh hoặc Công an xã, rồi nhập vào danh sách lớp.",
            )
        )
    elif problem := personal_id_problem(pupil.personal_id):
        found.append(
            Finding(f"{CARRY}-BAD-ID", Severity.ERROR, problem, pupil.key, "personal_id", "Sửa trong danh sách lớp.")
        )
    found += [
        Finding(
            f"{CARRY}-NO-{name.upper().replace('_', '-')}",
            Severity.ERROR,
            f"Thiếu {label}, trường mà định dạng bắt buộc.",
            pupil.key,
            name,
            "Bổ sung trong danh sách lớp.",
        )
        for name, label in _REQUIRED_PERSONAL.items()
        if not getattr(pupil, name)
    ]
    if not pupil.history:
        found.append(
            Finding(
                f"{CARRY}-NO-HISTORY",
                Severity.ERROR,
                "Chưa có quá trình học tập (năm học, lớp, trường, ngày đến).",
                pupil.key,
                "history",
                "Nạp lại danh sách lớp, hoặc nhờ văn thư bổ sung.",
            )
        )
    return found


def _gap(pupil: Pupil, cell: Cell, kind: str) -> Finding:
    return Finding(
        f"{GAP}-{kind}", Severity.ERROR, f"Còn trống: {label_of(cell)}.", pupil.key, cell.field, "Nhập vào ô trống."
    )


def _gaps(pupil: Pupil, classroom: ClassRoom, results: Results) -> list[Finding]:
    found = [_gap(pupil, cell, cell.aspect.upper()) for cell in missing_for_outcome(pupil, classroom, results)]
    comments = (Cell(_END, group, COMMENT) for group in TraitGroup)
    found += [_gap(pupil, cell, "COMMENT") for cell in comments if not results.text(cell)]
    if not results.text(homeroom_comment(_END)):
        found.append(_gap(pupil, homeroom_comment(_END), "COMMENT"))
    found += [_gap(pupil, cell, "YEAR") for cell in _REQUIRED_YEAR if results.number(cell) is None]
    return found


def _oddities(pupil: Pupil, classroom: ClassRoom, results: Results) -> list[Finding]:
    found = []
    own = class_for(pupil, classroom)
    for subject in subjects_for(pupil, classroom):
        score = results.score(_END, subject.code) if is_scored(own, subject.code, _END) else None
        level = results.level(_END, subject.code)
        if score is None or not level:
            continue
        if (level == "T" and score < 7) or (level == "C" and score >= 7) or (level == "H" and score < 5):
            found.append(
                Finding(
                    "ODD-LEVEL-SCORE",
                    Severity.WARNING,
                    f"{subject.name}: mức {level} nhưng điểm {score}.",
                    pupil.key,
                    Cell(_END, subject.code, SCORE).field,
                    "Xem lại mức hoặc điểm; có thể kiểm tra lại (Điều 7.1d).",
                )
            )
    height, weight = results.number(HEIGHT), results.number(WEIGHT)
    if height is not None and not 80 <= height <= 190:
        found.append(
            Finding("ODD-HEIGHT", Severity.WARNING, f"Chiều cao {height:g} cm là lạ.", pupil.key, HEIGHT.field, "")
        )
    if weight is not None and not 10 <= weight <= 100:
        found.append(
            Finding("ODD-WEIGHT", Severity.WARNING, f"Cân nặng {weight:g} kg là lạ.", pupil.key, WEIGHT.field, "")
        )
    return found


def _promotion(pupil: Pupil, classroom: ClassRoom, results: Results) -> list[Finding]:
    if outcome_of(pupil, classroom, results) is not Outcome.CHT or results.text(PROMOTED):
        return []
    return [
        Finding(
            f"{CARRY}-UNDECIDED",
            Severity.ERROR,
            "Chưa hoàn thành: cần đánh giá bổ sung; vẫn chưa đạt thì hiệu trưởng quyết định việc lên lớp (Điều 11).",
            pupil.key,
            PROMOTED.field,
            "Hạn của nhóm này là hạn thứ hai; nộp học bạ sau khi có quyết định.",
        )
    ]


def _doubled_ids(pupils: list[Pupil]) -> list[Finding]:
    counts = Counter(pupil.personal_id for pupil in pupils if pupil.personal_id)
    return [
        Finding(
            f"{CARRY}-DOUBLED-ID",
            Severity.ERROR,
            "Hai học sinh có cùng số định danh.",
            pupil.key,
            "personal_id",
            "Đối chiếu giấy khai sinh của cả hai em (hay gặp ở trẻ sinh đôi).",
        )
        for pupil in pupils
        if counts.get(pupil.personal_id, 0) > 1
    ]


def _copied_comments(pupils: list[Pupil], results: Mapping[str, Results]) -> list[Finding]:
    texts = {pupil.key: results[pupil.key].text(homeroom_comment(_END)) for pupil in pupils if pupil.key in results}
    counts = Counter(text for text in texts.values() if text)
    return [
        Finding(
            "ODD-COPIED",
            Severity.HINT,
            f"Nhận xét này dùng cho {counts[text]} em; nên viết riêng cho từng em.",
            key,
            homeroom_comment(_END).field,
            "",
        )
        for key, text in texts.items()
        if counts.get(text, 0) >= COPIED_TO
    ]
