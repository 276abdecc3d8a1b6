"""Commendations at the year's end (TT 27/2020 Điều 13)."""

from __future__ import annotations

import re

from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import AWARD, AWARD_EXTRA, AWARD_REASON, AWARD_RECOGNISED, AWARD_TITLE, Cell, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Outcome, Title
from hocba_tui.rules.outcome import outcome_of
from hocba_tui.text import fold

_YEAR = re.compile(r"\b(20\d\d)\s*[-–]\s*(20\d\d)\b")
_TITLE_WORDS = {Title.XS: "hoc sinh xuat sac", Title.TB: "hoc sinh tieu bieu"}


def title_of(outcome: Outcome | None, results: Results) -> Title | None:
    """Return the pupil's title: Xuất sắc exactly when HTXS (nobody types it); Tiêu biểu when it was given to a HTT."""
    if outcome is Outcome.HTXS:
        return Title.XS
    return Title.TB if outcome is Outcome.HTT and results.text(AWARD_TITLE) == Title.TB else None


def award_text(outcome: Outcome | None, results: Results) -> str:
    """Return what the form prints under Khen thưởng: the title first, then the other commendations."""
    title, other = title_of(outcome, results), results.text(AWARD).strip()
    return "; ".join(filter(None, [f"Đạt danh hiệu {title.label}" if title else "", other]))


def award_findings(pupil: Pupil, classroom: ClassRoom, results: Results) -> tuple[Finding, ...]:
    """Return what contradicts Điều 13.1a: Tiêu biểu needs HTT, a reason, and the class's recognition."""
    outcome = outcome_of(pupil, classroom, results)
    found: list[Finding] = []

    def error(code: str, cell: Cell, message: str, remedy: str) -> None:
        found.append(Finding(code, Severity.ERROR, message, pupil.key, cell.field, remedy))

    if results.text(AWARD_TITLE) == Title.TB:
        if outcome not in (Outcome.HTT, None):
            error("AWARD-TB", AWARD_TITLE, f"{Title.TB.short} chỉ dành cho em Hoàn thành tốt; em này {outcome}.",
                  "Xóa danh hiệu, hoặc xem lại kết quả (Điều 13.1a).")  # fmt: skip
        if not results.text(AWARD_REASON):
            error("AWARD-REASON", AWARD_REASON, f"{Title.TB.short} chưa có lí do.",
                  "Ghi môn có thành tích xuất sắc, hoặc phẩm chất, năng lực tiến bộ rõ rệt.")  # fmt: skip
        if results.text(AWARD_RECOGNISED) != "1":
            error("AWARD-CLASS", AWARD_RECOGNISED, f"{Title.TB.short} chưa được tập thể lớp công nhận.",
                  "Sau khi lớp bình chọn, gõ x ở cột Lớp CN.")  # fmt: skip
    found += _free_text(pupil, classroom, outcome, results)
    return tuple(found)


def _free_text(pupil: Pupil, classroom: ClassRoom, outcome: Outcome | None, results: Results) -> list[Finding]:
    """Return what is odd in the free texts: a title written there, another school year."""
    found = []
    for cell in (AWARD, AWARD_EXTRA):
        text = results.text(cell)
        for title, words in _TITLE_WORDS.items():
            if words in fold(text):
                doubled = title is title_of(outcome, results)
                message = "đã tự có trong học bạ, ghi thêm là thừa" if doubled else "không phải danh hiệu của em này"
                severity = Severity.WARNING if doubled else Severity.ERROR
                remedy = "Xóa danh hiệu khỏi ô này."
                found.append(
                    Finding("AWARD-TYPED", severity, f"“{title.short}”: {message}.", pupil.key, cell.field, remedy)
                )
        for match in _YEAR.finditer(text):
            if classroom.year and "-".join(match.groups()) != classroom.year:
                message = f"Ghi năm học {match.group()}, không phải {classroom.year}."
                remedy = "Xem lại năm học trong câu khen thưởng."
                found.append(Finding("AWARD-YEAR", Severity.WARNING, message, pupil.key, cell.field, remedy))
    return found
