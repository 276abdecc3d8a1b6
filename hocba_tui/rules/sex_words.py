"""Words in a comment that call the pupil a boy or a girl."""

from __future__ import annotations

import re
from functools import lru_cache

from hocba_tui.model.pupil import Sex

_WORDS = {
    Sex.MALE: "cậu bé|bạn nam|bé trai|nam sinh|học sinh nam|chàng trai|cậu học trò|cậu học sinh|chú bé",
    Sex.FEMALE: "cô bé|bạn nữ|bé gái|nữ sinh|học sinh nữ|cô gái|cô học trò|cô học sinh|cô trò nhỏ",
}
_CALLING = {
    sex: re.compile(
        rf"(?:(?:^|[.!?…;:\n])\s{{0,2}}|\b(?:là|là một|là người|đúng là|vốn là)\s)({words})\b", re.IGNORECASE
    )
    for sex, words in _WORDS.items()
}
"""Only where the word means the pupil: at the start of a sentence or after "là". Elsewhere it means somebody
else ("nhường nhịn bạn nữ", "kể chuyện Cậu bé thông minh")."""
_OTHER = {Sex.MALE: Sex.FEMALE, Sex.FEMALE: Sex.MALE}


@lru_cache(maxsize=8192)
def wrong_sex_word(text: str, sex: str) -> str | None:
    """Return the word that calls a pupil of ``sex`` a child of the other sex; None when there is none.

    "em", "con", "bạn ấy" are used for both. A text with words for both sexes is about several children.
    """
    other = _OTHER.get(Sex(sex))
    found = _CALLING[other].search(text) if other else None
    return found.group(1) if found and not _CALLING[Sex(sex)].search(text) else None
