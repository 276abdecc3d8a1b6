"""The personal id (số định danh cá nhân): 12 digits, and what they ought to agree with."""

from __future__ import annotations

from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil, Sex

LENGTH = 12
_CENTURY_DIGITS = {("2000", "male"): "2", ("2000", "female"): "3", ("1900", "male"): "0", ("1900", "female"): "1"}


def personal_id_problem(number: str) -> str:
    """Return why ``number`` cannot be a personal id, empty when its form is right."""
    if not number.isascii() or not number.isdigit():
        return f"Số định danh “{number[:16]}” có ký tự không phải chữ số."
    if len(number) == LENGTH - 1:
        return f"Số định danh có {LENGTH - 1} chữ số; có lẽ Excel đã bỏ mất số 0 ở đầu."
    if len(number) != LENGTH:
        return f"Số định danh có {len(number)} chữ số, phải đủ {LENGTH}."
    return ""


def personal_id_doubts(pupil: Pupil) -> tuple[Finding, ...]:
    """Return warnings where the id disagrees with sex or year of birth (NĐ 137/2015).

    A warning, never an error: adoption, corrected sex and late registration are real.
    """
    number = pupil.personal_id
    if personal_id_problem(number) or not pupil.birth or pupil.sex == Sex.UNKNOWN:
        return ()
    year = pupil.birth[:4]
    expected = _CENTURY_DIGITS.get((year[:2] + "00", pupil.sex))
    if (expected and number[3] != expected) or number[4:6] != year[2:4]:
        return (
            Finding(
                "ID-DOUBT",
                Severity.WARNING,
                "Số định danh không khớp giới tính hoặc năm sinh.",
                pupil.key,
                "personal_id",
                "Đối chiếu với giấy khai sinh; nếu đúng thì bỏ qua.",
            ),
        )
    return ()
