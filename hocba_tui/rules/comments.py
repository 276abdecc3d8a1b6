"""Comments and awards, text by text: what the format cannot carry, and what is unfinished or copied."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from hocba_tui.model.curriculum import SUBJECTS, TraitGroup
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import AWARD, AWARD_EXTRA, COMMENT, HOMEROOM, Cell, Results, homeroom_comment
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.characters import foreign_letters, hidden_characters, placeholder, unlawful_characters
from hocba_tui.rules.curriculum import subjects_for
from hocba_tui.rules.labels import label_of
from hocba_tui.rules.lawful import AWARD_LIMIT, comment_limit

COPIED_TO = 5
"""A homeroom teacher's comment used for this many pupils or more is reported."""
_WORDS = re.compile(r"[^\W\d_]+")
_SEX_WORDS = {
    Sex.MALE: "cậu bé|bạn nam|bé trai|nam sinh|học sinh nam|chàng trai|cậu học trò|cậu học sinh|chú bé",
    Sex.FEMALE: "cô bé|bạn nữ|bé gái|nữ sinh|học sinh nữ|cô gái|cô học trò|cô học sinh|cô trò nhỏ",
}
_CALLING = {
    sex: re.compile(
        rf"(?:(?:^|[.!?…;:\n])\s{{0,2}}|\b(?:là|là một|là người|đúng là|vốn là)\s)({words})\b", re.IGNORECASE
    )
    for sex, words in _SEX_WORDS.items()
}
"""Only where the word means the pupil: at the start of a sentence or after "là". Elsewhere it means somebody
else ("nhường nhịn bạn nữ", "kể chuyện Cậu bé thông minh")."""
_OTHER_SEX = {Sex.MALE: Sex.FEMALE, Sex.FEMALE: Sex.MALE}


def comment_cells(pupil: Pupil, classroom: ClassRoom, period: Period) -> tuple[Cell, ...]:
    """Return the cells that hold a comment on this pupil in ``period``: subjects, merged groups, homeroom."""
    return (
        *(Cell(period, subject.code, COMMENT) for subject in subjects_for(pupil, classroom)),
        *(Cell(period, group, COMMENT) for group in TraitGroup),
        homeroom_comment(period),
    )


def comments_of(pupil: Pupil, classroom: ClassRoom, results: Results, period: Period) -> list[tuple[Cell, str]]:
    """Return the comments on this pupil that are not empty."""
    return [(cell, text) for cell in comment_cells(pupil, classroom, period) if (text := results.text(cell))]


def comment_findings(pupil: Pupil, classroom: ClassRoom, results: Results, period: Period) -> list[Finding]:
    """Return what is wrong with each comment in ``period``, and with the texts of the awards."""
    found: list[Finding] = []
    for cell, text in comments_of(pupil, classroom, results, period):
        found += _carrying(pupil, cell, text, comment_limit(cell))
        found += _unfinished(pupil, cell, text)
        found += _sex(pupil, cell, text)
    for cell in (AWARD, AWARD_EXTRA):
        if text := results.text(cell):
            found += _carrying(pupil, cell, text, AWARD_LIMIT)
            found += _unfinished(pupil, cell, text)
    return found


def _carrying(pupil: Pupil, cell: Cell, text: str, limit: int) -> Iterator[Finding]:
    """Yield what the format cannot carry: lengths in characters (TTDLQG), characters of XML 1.0."""
    # Comments on subjects are printed but have no place in the file (CV 2088, Phụ lục 1.1).
    severity = Severity.WARNING if cell.item in SUBJECTS else Severity.ERROR
    label = label_of(cell)
    if len(text) > limit:
        code = "ODD-LONG" if severity is Severity.WARNING else "CARRY-LONG"
        message = f"{label}: dài {len(text)} ký tự, tối đa {limit}."
        yield Finding(code, severity, message, pupil.key, cell.field, "Viết gọn lại.")
    if bad := unlawful_characters(text):
        code = "ODD-CHARACTER" if severity is Severity.WARNING else "CARRY-CHARACTER"
        message = f"{label}: có ký tự mà tệp học bạ không chứa được ({bad})."
        yield Finding(code, severity, message, pupil.key, cell.field, "Xóa ô rồi gõ lại nhận xét.")


def _unfinished(pupil: Pupil, cell: Cell, text: str) -> Iterator[Finding]:
    label = label_of(cell)
    if says_nothing(text):
        yield _odd("ODD-EMPTY", f"{label}: “{text[:12]}” chưa nói được gì.", pupil, cell, "Viết nhận xét cho em.")
    elif left := placeholder(text):
        yield _odd("ODD-PLACEHOLDER", f"{label}: còn chỗ chưa điền “{left}”.", pupil, cell, "Điền hoặc xóa chỗ đó.")
    if word := foreign_letters(text):
        message = f"{label}: “{word}” có vẻ là chữ bảng mã cũ (TCVN3, VNI)."
        yield _odd("ODD-OLD-LETTERS", message, pupil, cell, "Gõ lại bằng Unicode.")
    if hidden_characters(text):
        message = f"{label}: có ký tự ẩn hoặc chữ có dấu tách rời."
        yield _odd("ODD-HIDDEN", message, pupil, cell, "Xóa ô rồi gõ lại nhận xét.")


@lru_cache(maxsize=8192)
def says_nothing(text: str) -> bool:
    """Return whether a comment has fewer than two different words: "…", "abc", "xxx xxx"."""
    words = (found.group().casefold() for found in _WORDS.finditer(text))
    first = next(words, "")
    return all(word == first for word in words)


def _sex(pupil: Pupil, cell: Cell, text: str) -> Iterator[Finding]:
    if word := wrong_sex_word(text, pupil.sex):
        message = f"{label_of(cell)}: gọi em là “{word}”, không đúng giới tính."
        yield _odd("ODD-SEX-WORD", message, pupil, cell, "Xem có chép nhầm nhận xét của em khác không.")


def _odd(code: str, message: str, pupil: Pupil, cell: Cell, remedy: str) -> Finding:
    return Finding(code, Severity.WARNING, message, pupil.key, cell.field, remedy)


def in_bare_words(text: str) -> str:
    """Return a comment in a form for comparing it with others: no case, no closing full stop."""
    return " ".join(text.casefold().split()).rstrip(" .!…")


def copied_comments(
    pupils: Sequence[Pupil], classroom: ClassRoom, results: Mapping[str, Results], period: Period
) -> list[Finding]:
    """Return one finding for each comment that many pupils share, at the first pupil who has it.

    It is a hint from :data:`COPIED_TO` pupils on; for subjects and groups, where a bank is useful, only from half
    the class on. It is a warning when more pupils than that are the whole class. A comment must be about the pupil
    (TT 27/2020 Điều 4). Case and the closing full stop make no difference.
    """
    holders: dict[Cell, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    concerned: dict[Cell, int] = defaultdict(int)
    for pupil in pupils:
        for cell in comment_cells(pupil, classroom, period):
            concerned[cell] += 1
            if pupil.key in results and (text := results[pupil.key].text(cell)):
                holders[cell][in_bare_words(text)].append(pupil.key)
    return [
        _copied(cell, keys, whole=len(keys) == concerned[cell])
        for cell, texts in holders.items()
        for keys in texts.values()
        if len(keys) >= (COPIED_TO if cell.item == HOMEROOM else max(COPIED_TO, concerned[cell] / 2))
    ]


def _copied(cell: Cell, keys: list[str], *, whole: bool) -> Finding:
    remedy = "Viết riêng cho từng em, bắt đầu từ em này."
    if whole and len(keys) > COPIED_TO:
        message = f"{label_of(cell)}: cả lớp ({len(keys)} em) chung một lời."
        return Finding("ODD-COPIED-ALL", Severity.WARNING, message, keys[0], cell.field, remedy)
    message = f"{label_of(cell)}: {len(keys)} em chung một lời."
    return Finding("ODD-COPIED", Severity.HINT, message, keys[0], cell.field, remedy)


@lru_cache(maxsize=8192)
def wrong_sex_word(text: str, sex: str) -> str | None:
    """Return the word that calls a pupil of ``sex`` a child of the other sex; None when there is none.

    "em", "con", "bạn ấy" are used for both. A text with words for both sexes is about several children.
    """
    other = _OTHER_SEX.get(Sex(sex))
    found = _CALLING[other].search(text) if other else None
    return found.group(1) if found and not _CALLING[Sex(sex)].search(text) else None
