"""What a cell may hold: from typed text to a lawful value, or to the reason why it is not lawful."""

from __future__ import annotations

from dataclasses import dataclass

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    ATTEMPTS,
    AWARD,
    AWARD_EXTRA,
    AWARD_REASON,
    AWARD_RECOGNISED,
    AWARD_TITLE,
    COMMENT,
    HEIGHT,
    HOMEROOM,
    LEVEL,
    PROMOTED,
    SCORE,
    WEIGHT,
    YEAR,
    Cell,
    Value,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period, Title
from hocba_tui.rules.curriculum import is_scored, subjects_of, traits_of
from hocba_tui.rules.versions import ruleset_of
from hocba_tui.text import clean_block, fold

SUBJECT_COMMENT_LIMIT = 500
TRAIT_COMMENT_LIMIT = 500
HOMEROOM_COMMENT_LIMIT = 2000
AWARD_LIMIT = 2000
"""Characters, not bytes; lengths of the national dictionary (TTDLQG)."""

_SUBJECT_LEVELS = {
    "t": "T", "tot": "T", "hoan thanh tot": "T", "htt": "T",
    "h": "H", "hoan thanh": "H", "ht": "H",
    "c": "C", "chua hoan thanh": "C", "cht": "C",
}  # fmt: skip
_TRAIT_LEVELS = {
    "t": "T", "tot": "T",
    "d": "Đ", "dd": "Đ", "dat": "Đ",
    "c": "C", "can co gang": "C", "ccg": "C",
}  # fmt: skip

_MARKS = {"t", "h", "c", "d", "dd"}
"""Levels as single letters, folded; the words (“tốt”) could begin a comment."""
_TYPICAL = {"x", "1", "co", "tb", fold(Title.TB.short), fold(Title.TB.label)}

_RANGES = {
    HEIGHT: (10.0, 300.0, "Chiều cao tính bằng cm, từ 10 đến 300."),
    WEIGHT: (1.0, 300.0, "Cân nặng tính bằng kg, từ 1 đến 300."),
    ABSENT_EXCUSED: (0.0, 200.0, "Số buổi nghỉ từ 0 đến 200, có thể có nửa buổi."),
    ABSENT_UNEXCUSED: (0.0, 200.0, "Số buổi nghỉ từ 0 đến 200, có thể có nửa buổi."),
}


@dataclass(frozen=True)
class Lawful:
    """A value that may be stored (None empties the cell)."""

    value: Value


@dataclass(frozen=True)
class Unlawful:
    """The reason, in Vietnamese, why the typed text may not be stored."""

    reason: str


def read_typed(typed: str, cell: Cell, classroom: ClassRoom) -> Lawful | Unlawful:
    """Return what ``typed`` means in ``cell``, or why it may not be stored there.

    ``classroom`` is the class as it is for the pupil (:func:`~hocba_tui.rules.curriculum.class_for`).
    Levels are accepted as t, h, c, đ (also d, dd) or as words; scores as whole numbers 1 to 10.
    Source: TT 27/2020 Điều 7.1a, 7.1d, 7.2; lengths from the national dictionary.
    """
    text = clean_block(typed)
    if reason := no_such_cell(cell, classroom):
        return Unlawful(reason)
    if cell.period == YEAR:
        return _year_fact(text, cell, classroom)
    if cell.aspect == ATTEMPTS:
        return Unlawful("Các lần kiểm tra không gõ ở đây; bấm e ở ô điểm để ghi lần kiểm tra lại.")
    if not text:
        return Lawful(None)
    if cell.aspect == SCORE:
        return _score(text)
    if cell.aspect == LEVEL:
        return _level(text, subject=cell.item in SUBJECTS)
    if is_mark(text):
        return Unlawful(no_words(text))
    return _within(text, comment_limit(cell))


def is_mark(text: str) -> bool:
    """Return whether a text is a score or a level and not a word, as when it was typed into the wrong column."""
    return fold(text) in _MARKS or (text.isascii() and text.replace(",", "").replace(".", "").isdigit())


def no_words(text: str) -> str:
    """Return why a mark is not stored as a comment."""
    return f"“{text[:12]}” là điểm hay mức, không phải lời nhận xét: gõ ở cột Mức, Điểm."


def no_such_cell(cell: Cell, classroom: ClassRoom) -> str | None:
    """Return why the class has no such cell in its form; None when it has."""
    if cell.period == YEAR:
        return None
    if cell.aspect not in _aspects(cell.item):
        return "Học bạ không có ô này."
    if cell.item in SUBJECTS:
        if cell.item not in {subject.code for subject in subjects_of(classroom)}:
            return f"Lớp {classroom.key} (khối {classroom.grade}) không học môn {SUBJECTS[cell.item].name}."
        if cell.aspect == SCORE and not is_scored(classroom, cell.item, Period(cell.period)):
            return f"Môn {SUBJECTS[cell.item].name} khối {classroom.grade} không có bài kiểm tra định kỳ ở kỳ này."
    elif cell.item in TRAITS and cell.item not in {trait.code for trait in traits_of(*classroom.grades)}:
        return f"Khối {classroom.grade} không đánh giá {TRAITS[cell.item].name}."
    return None


def _aspects(item: str) -> tuple[str, ...]:
    """Return what the form has for an item: a subject has three parts, a trait a level, a group a comment."""
    if item in SUBJECTS:
        return (LEVEL, SCORE, COMMENT, ATTEMPTS)
    if item in TRAITS:
        return (LEVEL,)
    return (COMMENT,) if item == HOMEROOM or item in set(TraitGroup) else ()


def comment_limit(cell: Cell) -> int:
    """Return the maximum length of a comment, in characters."""
    if cell.item == HOMEROOM:
        return HOMEROOM_COMMENT_LIMIT
    return TRAIT_COMMENT_LIMIT if cell.item in set(TraitGroup) else SUBJECT_COMMENT_LIMIT


def _score(text: str) -> Lawful | Unlawful:
    """Read a score; ",0" behind a whole number, as some programs write it, changes nothing.

    A number that begins with 0 is none: it may be two keys, a 0 meant for one pupil and the next pupil's score.
    """
    whole = text.replace(",", ".").removesuffix(".0")
    if text.isascii() and whole.isdigit():
        text = whole
    if text.isascii() and text.isdigit():
        if len(text) <= 2 and 1 <= int(text) <= 10 and text[0] != "0":
            return Lawful(int(text))
        return Unlawful(f"Điểm {text[:12]}: chỉ nhận số nguyên từ 1 đến 10.")
    if text.replace(",", ".").replace(".", "", 1).isdigit():
        return Unlawful(f"Điểm {text[:12]}: không cho điểm thập phân (TT 27/2020, Điều 7).")
    return Unlawful(f"“{text[:12]}” không phải là điểm; gõ số từ 1 đến 10.")


def _level(text: str, *, subject: bool) -> Lawful | Unlawful:
    level = (_SUBJECT_LEVELS if subject else _TRAIT_LEVELS).get(fold(text))
    if level:
        return Lawful(level)
    choices = "T, H hoặc C" if subject else "T, Đ hoặc C"
    return Unlawful(f"“{text[:12]}” không phải là mức; gõ {choices}.")


def _within(text: str, limit: int) -> Lawful | Unlawful:
    if len(text) > limit:
        return Unlawful(f"Dài {len(text)} ký tự, tối đa {limit}.")
    return Lawful(text)


def _year_fact(text: str, cell: Cell, classroom: ClassRoom) -> Lawful | Unlawful:
    if not text:
        return Lawful(None)
    if cell in (AWARD, AWARD_EXTRA, AWARD_REASON):
        return _within(text, AWARD_LIMIT)
    if cell == AWARD_TITLE:
        return Lawful(Title.TB.value) if fold(text) in _TYPICAL else Unlawful("Gõ x nếu em là Học sinh Tiêu biểu.")
    if cell == AWARD_RECOGNISED:
        return Lawful("1") if fold(text) in ("x", "1", "co") else Unlawful("Gõ x khi tập thể lớp đã công nhận.")
    if cell == PROMOTED:
        return _decision(text, classroom)
    return _measure(text, cell) if cell in _RANGES else Unlawful("Ô này không nhập được.")


def _decision(text: str, classroom: ClassRoom) -> Lawful | Unlawful:
    choice = {"1": "1", "x": "1", "co": "1", "0": "0", "khong": "0"}.get(fold(text))
    if choice == "1" and classroom.grade >= ruleset_of(classroom.year).last_grade:
        return Unlawful("Lớp cuối cấp: em chỉ ra trường khi hoàn thành chương trình tiểu học; gõ 0 hoặc để trống.")
    return Lawful(choice) if choice else Unlawful("Gõ 1 (được lên lớp) hoặc 0 (chưa được lên lớp).")


def _measure(text: str, cell: Cell) -> Lawful | Unlawful:
    low, high, rule = _RANGES[cell]
    plain = text.replace(",", ".")
    if not plain.isascii() or not plain.replace(".", "", 1).isdigit() or len(plain) > 12:
        return Unlawful(f"“{text[:12]}” không phải là số. {rule}")
    number = float(plain)
    if not low <= number <= high:
        return Unlawful(f"{text} ngoài khoảng cho phép. {rule}")
    if cell in (ABSENT_EXCUSED, ABSENT_UNEXCUSED) and number * 2 != int(number * 2):
        return Unlawful(rule)
    if len(plain.partition(".")[2]) > 1:
        return Unlawful("Chỉ nhận một chữ số thập phân.")
    return Lawful(int(number) if number == int(number) else number)
