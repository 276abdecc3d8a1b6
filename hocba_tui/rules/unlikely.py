"""Values that are lawful but unlikely: a reason to check them, never to refuse them."""

from __future__ import annotations

from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    COMMENT,
    HEIGHT,
    LEVEL,
    PROMOTED,
    SCORE,
    WEIGHT,
    Cell,
    Results,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Outcome, Period
from hocba_tui.rules.curriculum import class_for, scored_in, subjects_for, subjects_of
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.outcome import outcome_of

HEIGHTS = (80.0, 190.0)
"""Centimetres: a wide range for a primary pupil."""
WEIGHTS = (10.0, 100.0)
"""Kilograms: a wide range for a primary pupil."""
_ASPECTS: tuple[str, ...] = (LEVEL, SCORE, COMMENT)
MANY_ABSENCES = 45
"""Sessions in a year; more are reported. TT 27/2020 sets no limit, so this is only a warning."""


def unlikely(pupil: Pupil, classroom: ClassRoom, results: Results, period: Period) -> list[Finding]:
    """Return the odd values of one assessed pupil in ``period``, and the odd facts of the year."""
    return [
        *_levels_and_scores(pupil, classroom, results, period),
        *_body(pupil, results),
        *_absences(pupil, results),
        *_decision(pupil, classroom, results),
        *_strays(pupil, classroom, results, period),
    ]


def _levels_and_scores(pupil: Pupil, classroom: ClassRoom, results: Results, period: Period) -> list[Finding]:
    """Return levels that disagree with scores: the law defines no mapping (Điều 7), so at most a warning."""
    found = []
    own = class_for(pupil, classroom)
    scored = scored_in(own.year, own.grades, own.tested, period)
    for subject in subjects_for(pupil, classroom):
        score = results.score(period, subject.code) if subject.code in scored else None
        level = results.level(period, subject.code)
        if score is None or not level:
            continue
        if (level == "T" and score < 7) or (level == "C" and score >= 7) or (level == "H" and score < 5):
            found.append(
                Finding(
                    "ODD-LEVEL-SCORE",
                    Severity.WARNING,
                    f"{subject.name}: mức {level} nhưng điểm {score}.",
                    pupil.key,
                    Cell(period, subject.code, SCORE).field,
                    "Xem lại mức hoặc điểm; có thể kiểm tra lại (Điều 7.1d).",
                )
            )
    return found


def _body(pupil: Pupil, results: Results) -> list[Finding]:
    height, weight = results.number(HEIGHT), results.number(WEIGHT)
    odd_height = height is not None and not HEIGHTS[0] <= height <= HEIGHTS[1]
    odd_weight = weight is not None and not WEIGHTS[0] <= weight <= WEIGHTS[1]
    if (
        height is not None
        and weight is not None
        and (odd_height or odd_weight)
        and (HEIGHTS[0] <= weight <= HEIGHTS[1] and WEIGHTS[0] <= height <= WEIGHTS[1])
    ):
        return [
            Finding(
                "ODD-SWAPPED",
                Severity.WARNING,
                f"Cao {height:g} cm, nặng {weight:g} kg: có lẽ hai số bị đổi chỗ.",
                pupil.key,
                HEIGHT.field,
                f"Nếu đúng là đổi chỗ thì nhập cao {weight:g}, nặng {height:g}.",
            )
        ]
    found = []
    if odd_height:
        found.append(_measure("ODD-HEIGHT", f"Chiều cao {height:g} cm là lạ.", pupil, HEIGHT))
    if odd_weight:
        found.append(_measure("ODD-WEIGHT", f"Cân nặng {weight:g} kg là lạ.", pupil, WEIGHT))
    return found


def _measure(code: str, message: str, pupil: Pupil, cell: Cell) -> Finding:
    return Finding(
        code, Severity.WARNING, message, pupil.key, cell.field, "Xem lại sổ theo dõi sức khỏe; nếu đúng thì bỏ qua."
    )


def _absences(pupil: Pupil, results: Results) -> list[Finding]:
    excused, unexcused = results.number(ABSENT_EXCUSED) or 0.0, results.number(ABSENT_UNEXCUSED) or 0.0
    if excused + unexcused <= MANY_ABSENCES:
        return []
    return [
        Finding(
            "ODD-ABSENCES",
            Severity.WARNING,
            f"Nghỉ {excused + unexcused:g} buổi trong năm là nhiều.",
            pupil.key,
            (ABSENT_EXCUSED if excused >= unexcused else ABSENT_UNEXCUSED).field,
            "Đối chiếu sổ theo dõi (tính theo buổi, không theo tiết); nếu đúng thì bỏ qua.",
        )
    ]


def _decision(pupil: Pupil, classroom: ClassRoom, results: Results) -> list[Finding]:
    """Return a decision to hold back a pupil who has completed the year: it has no effect (Điều 11.1a)."""
    completed = outcome_of(pupil, classroom, results) in (Outcome.HTXS, Outcome.HTT, Outcome.HT)
    if not completed or results.text(PROMOTED) != "0":
        return []
    message = "Có quyết định chưa được lên lớp, nhưng em đã hoàn thành nên vẫn được lên lớp (Điều 11)."
    remedy = "Xem có ghi nhầm em không; hiệu trưởng xóa quyết định ở ô Lên lớp."
    return [Finding("ODD-DECISION", Severity.WARNING, message, pupil.key, PROMOTED.field, remedy)]


def _strays(pupil: Pupil, classroom: ClassRoom, results: Results, period: Period) -> list[Finding]:
    """Return the values of subjects that do not count for this pupil; they are not put into the record."""
    own = class_for(pupil, classroom)
    studied = {subject.code for subject in subjects_of(own)}
    scored = scored_in(own.year, own.grades, own.tested, period)
    excused = pupil.exempt_subjects | pupil.left_out
    found = []
    for subject in SUBJECTS:
        if subject not in studied:
            aspects = _ASPECTS
            code, what = "ODD-NOT-STUDIED", "Lớp không học môn này"
            remedy = "Giá trị này không vào học bạ; nếu lớp có học thì khai lại môn tự chọn của lớp."
        elif subject in excused:
            aspects = _ASPECTS
            code, what = "ODD-EXEMPT", "Em được miễn, hoặc kế hoạch cá nhân không có môn này,"
            remedy = "Giá trị này không vào học bạ; nếu em có học thì sửa phần miễn môn trong danh sách lớp."
        elif subject not in scored:
            aspects = (SCORE,)
            code, what = "ODD-NOT-TESTED", "Môn này không có bài kiểm tra định kỳ"
            remedy = "Điểm này không vào học bạ; kiểm tra xem có nhập nhầm môn không."
        else:
            continue
        for cell in (Cell(period, subject, aspect) for aspect in aspects):
            if results.text(cell):
                message = f"{what} mà vẫn còn {label_of(cell)}."
                found.append(Finding(code, Severity.WARNING, message, pupil.key, cell.field, remedy))
    return found
