"""The numbers of a pupil: the personal id (số định danh cá nhân) and the facts that it should agree with, and the code.

The code is the Ministry's, or a temporary one until that arrives.
"""

from __future__ import annotations

import hashlib
import re

from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.text import clean_line

_SCHOOL = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")
LENGTH = 12
_CENTURY_DIGITS = {("2000", "male"): "2", ("2000", "female"): "3", ("1900", "male"): "0", ("1900", "female"): "1"}

_TEMPORARY = "TAM-"
HOME = "Việt Nam"
_AFTER_PROVINCES = 97
"""Codes from this one on are not provinces (countries of birth); they are not checked."""
_PROVINCES = frozenset((
    "001", "002", "004", "006", "008", "010", "011", "012", "014", "015", "017", "019", "020", "022", "024", "025",
    "026", "027", "030", "031", "033", "034", "035", "036", "037", "038", "040", "042", "044", "045", "046", "048",
    "049", "051", "052", "054", "056", "058", "060", "062", "064", "066", "067", "068", "070", "072", "074", "075",
    "077", "079", "080", "082", "083", "084", "086", "087", "089", "091", "092", "093", "094", "095", "096",
))  # fmt: skip
"""Where the birth was registered: the 63 provinces before July 2025 (TT 07/2016/TT-BCA); the present 34 keep theirs."""


def is_school_code(text: str) -> bool:
    """Return whether ``text`` may be a school's code: it names folders, so it is letters and numbers."""
    return _SCHOOL.fullmatch(text) is not None


def personal_id_problem(number: str) -> str | None:
    """Return why ``number`` cannot be a personal id; None when its form is right."""
    if not number.isascii() or not number.isdigit():
        return f"Số định danh “{number[:16]}” có ký tự không phải chữ số."
    if len(number) == LENGTH - 1:
        return f"Số định danh có {LENGTH - 1} chữ số; có lẽ Excel đã bỏ mất số 0 ở đầu."
    if len(number) != LENGTH:
        return f"Số định danh có {len(number)} chữ số, phải đủ {LENGTH}."
    return None


def personal_id_doubts(pupil: Pupil) -> tuple[Finding, ...]:
    """Return warnings where the id disagrees with sex, year of birth or the list of provinces (NĐ 137/2015).

    They are warnings, never errors: adoption, corrected sex and late registration happen.
    """
    number = pupil.personal_id
    if not number or personal_id_problem(number):
        return ()
    found = []
    year = pupil.birth[:4]
    if year and pupil.sex:
        expected = _CENTURY_DIGITS.get((year[:2] + "00", pupil.sex))
        if (expected and number[3] != expected) or number[4:6] != year[2:4]:
            found.append(_doubt("ID-DOUBT", "Số định danh không khớp giới tính hoặc năm sinh.", pupil))
    if int(number[:3]) < _AFTER_PROVINCES and number[:3] not in _PROVINCES and pupil.nationality == HOME:
        found.append(_doubt("ID-PLACE", f"Số định danh bắt đầu bằng {number[:3]}, không phải mã tỉnh nào.", pupil))
    return tuple(found)


def _doubt(code: str, message: str, pupil: Pupil) -> Finding:
    remedy = "Đối chiếu với giấy khai sinh; nếu đúng thì bỏ qua."
    return Finding(code, Severity.WARNING, message, pupil.key, "personal_id", remedy)


def temporary_code(personal_id: str, name: str, birth: str) -> str:
    """Return the temporary code of a new pupil: always the same for the same pupil.

    It is computed from the personal id; without one, from name and birth date.
    """
    if personal_id:
        return _TEMPORARY + personal_id
    return (
        _TEMPORARY
        + hashlib.blake2b(f"{clean_line(name).casefold()}/{birth}".encode(), digest_size=5).hexdigest().upper()
    )


def is_temporary(code: str) -> bool:
    """Return whether the pupil's official code has not arrived yet."""
    return not code or code.startswith(_TEMPORARY)
