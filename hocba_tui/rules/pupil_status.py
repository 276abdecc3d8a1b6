"""The closed list of statuses of a pupil in CSDL ngành, with its codes, and what each means for the school.

A status that is not in the list means nothing; a few words outside it can only mean leaving, which a person confirms.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from hocba_tui.text import clean_line, fold


class Standing(StrEnum):
    """What a status says about the pupil's place in the school."""

    STUDYING = "studying"
    CAME = "came"
    LEFT = "left"
    DONE = "done"
    """Completed the last grade: neither joins nor leaves."""


class PupilStatus(NamedTuple):
    """One value of the list; ``code`` is empty where no public list of codes has it."""

    code: str
    words: str
    standing: Standing


STATUSES = (
    PupilStatus("01", "Đang học", Standing.STUDYING),
    PupilStatus("02", "Chuyển đến kỳ 1", Standing.CAME),
    PupilStatus("03", "Nghỉ học xin học lại kỳ 1", Standing.CAME),
    PupilStatus("04", "Chuyển đi kỳ 1", Standing.LEFT),
    PupilStatus("05", "Thôi học kỳ 1", Standing.LEFT),
    PupilStatus("06", "Chuyển đến kỳ 2", Standing.CAME),
    PupilStatus("07", "Nghỉ học xin học lại kỳ 2", Standing.CAME),
    PupilStatus("08", "Chuyển đi kỳ 2", Standing.LEFT),
    PupilStatus("09", "Thôi học kỳ 2", Standing.LEFT),
    PupilStatus("10", "Chuyển đến trong hè", Standing.CAME),
    PupilStatus("11", "Chuyển đi trong hè", Standing.LEFT),
    PupilStatus("12", "Thôi học trong hè", Standing.LEFT),
    PupilStatus("", "Nghỉ học xin học lại trong hè", Standing.CAME),
    PupilStatus("", "Hoàn thành chương trình", Standing.DONE),
)
_WITHOUT_TIME = ("Chuyển đến", "Nghỉ học xin học lại", "Chuyển đi", "Thôi học")
"""The same values without the time, as lists of the school's own have them."""
_LEAVING = (
    "Bỏ học", "Đã bỏ học", "Chuyển trường", "Đã chuyển trường", "Xin chuyển trường", "Đã chuyển đi", "Đã chuyển",
    "Đã thôi học", "Xin thôi học", "Rút hồ sơ", "Đã rút hồ sơ", "Đã nghỉ học hẳn", "Nghỉ học hẳn",
)  # fmt: skip
"""Words outside the list that can only mean that the pupil has left."""
_TERM = re.compile(r"\b(?:hk|ki) ?(1|2|ii|i)\b")
_WORD_HOC = re.compile(r"(?<= )(di|den|lai|hoc) hoc (?=ki )")
_END_OF_TERM_1 = "01-17"
"""The first term ends before 18 January (the Ministry's frame of the school year)."""


def _plain(words: str) -> str:
    """Return words for comparison: no tones, y as i, and "học kỳ II", "HK2" as "kỳ 2"."""
    text = re.sub(r"[\W_]+", " ", fold(clean_line(words)).replace("y", "i")).strip()
    text = _TERM.sub(lambda found: f"ki {'2' if found[1] in ('2', 'ii') else '1'}", text)
    return _WORD_HOC.sub(r"\1 ", text)


_BY_WORDS = {_plain(status.words): status for status in STATUSES} | {
    _plain(words): PupilStatus("", words, next(s.standing for s in STATUSES if s.words.startswith(words)))
    for words in _WITHOUT_TIME
}
_BY_CODE = {status.code: status for status in STATUSES if status.code}
_BY_LEAVING = frozenset(map(_plain, _LEAVING))
_GOING = tuple(f"{_plain(words)} " for words in ("Chuyển đi", "Thôi học"))


@lru_cache(maxsize=256)
def status_of(text: str) -> PupilStatus | None:
    """Return the value of the list that ``text`` is, by its words or by its code of two digits; None for any other."""
    return _BY_CODE.get(clean_line(text)) or _BY_WORDS.get(_plain(text))


@lru_cache(maxsize=256)
def only_leaving(text: str) -> str:
    """Return as what ``text`` outside the list can be offered: a kind of leaving, empty when it may mean anything else.

    A code that lost its zero in Excel is not offered: other programs number the same words in another order.
    """
    words = _plain(text)
    if words in _BY_LEAVING or words.startswith(_GOING):
        return "Thôi học" if "thoi hoc" in words or "bo hoc" in words or "han" in words.split() else "Chuyển đi"
    return ""


def words_for(left: str, reason: str) -> str:
    """Return the value of the list for a pupil who left on the day ``left`` (ISO; empty: still studies)."""
    if not left:
        return STATUSES[0].words
    known = status_of(reason)
    if known is not None and known.standing is Standing.LEFT and known in STATUSES:
        return known.words
    kind = "Thôi học" if _plain(reason).startswith(_plain("Thôi học")) else "Chuyển đi"
    month_and_day = left[5:10]
    if "06" <= month_and_day < "09":
        return f"{kind} trong hè"
    return f"{kind} kỳ {1 if month_and_day >= '09' or month_and_day <= _END_OF_TERM_1 else 2}"
