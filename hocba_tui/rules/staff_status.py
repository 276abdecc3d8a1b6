"""The closed list of statuses of staff in CSDL ngành, and what each means for the account.

Only a whole value of the list closes an account, and nothing in a file opens a closed one: *Chờ nghỉ hưu* still works.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from hocba_tui.text import clean_line, fold


class Standing(StrEnum):
    """What a status says."""

    WORKS = "works"
    GONE = "gone"
    OFFERED = "offered"
    """It most likely means leaving; a person confirms it."""
    OPEN = "open"
    """It does not decide whether the person still works here: a person does."""


STATUSES: dict[str, Standing] = {
    "Đang làm việc": Standing.WORKS,
    "Chuyển đến": Standing.WORKS,
    "Chờ nghỉ hưu": Standing.WORKS,
    "Đang đi học": Standing.WORKS,
    "Nghỉ theo chế độ": Standing.WORKS,
    "Nghỉ thai sản": Standing.WORKS,
    "Đã nghỉ hưu": Standing.GONE,
    "Đã chuyển đi": Standing.GONE,
    "Thôi việc": Standing.GONE,
    "Đã điều động": Standing.OFFERED,
    "Hết hạn hợp đồng": Standing.OFFERED,
    "Đã biệt phái": Standing.OPEN,
    "Nghỉ không lương": Standing.OPEN,
    "Khác": Standing.OPEN,
}
_OTHER_WORDS: dict[str, Standing] = {
    "Nghỉ hưu": Standing.GONE,
    "Chuyển đi": Standing.GONE,
    "Đã thôi việc": Standing.GONE,
    "Nghỉ việc": Standing.GONE,
    "Đã nghỉ việc": Standing.GONE,
    "Đang công tác": Standing.WORKS,
    "Đang dạy": Standing.WORKS,
    "Chuyển công tác": Standing.OFFERED,
    "Đã chuyển công tác": Standing.OFFERED,
    "Chuyển trường": Standing.OFFERED,
    "Đã mất": Standing.OFFERED,
    "Từ trần": Standing.OFFERED,
}
"""The same in other words, as files have them."""


def _plain(words: str) -> str:
    return re.sub(r"[\W_]+", " ", fold(clean_line(words))).strip()


_BY_WORDS = {_plain(words): standing for words, standing in (*_OTHER_WORDS.items(), *STATUSES.items())}


@lru_cache(maxsize=256)
def standing_of(text: str) -> Standing | None:
    """Return what a status means, None when it is in no list; a part of a word decides nothing."""
    return _BY_WORDS.get(_plain(text))
