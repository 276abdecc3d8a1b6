"""Read what a file concludes about a pupil: result of the year, completion, promotion. Compared, never stored."""

from __future__ import annotations

from collections.abc import Mapping

from hocba_tui.intake.aliases import SAID_WORDS, by_word, plain
from hocba_tui.model.values import Outcome
from hocba_tui.rules.conclusions import Said

_BY_WORD = by_word(SAID_WORDS)
_NO = ("0", "khong", "k", "chua")


def read_said(cells: Mapping[str, str]) -> Said:
    """Return the conclusions in ``cells`` (keys of SAID_WORDS to texts); an empty mark means no.

    The result is a word in one column, or a mark in one of four columns.
    """
    marked = [outcome.value for outcome in Outcome if _mark(cells.get(outcome, ""))]
    text = cells.get("outcome", "")
    outcome = _BY_WORD.get(plain(text), text) if text else ", ".join(marked)
    completed = _mark(cells["completed"]) if "completed" in cells else None
    if "promoted" in cells:
        return Said(outcome, completed, _mark(cells["promoted"]))
    return Said(outcome, completed, not _mark(cells["held"]) if "held" in cells else None)


def _mark(text: str) -> bool:
    return bool(text) and plain(text) not in _NO
