"""Whose an empty cell or a finding is, in a column: "tôi", or the name of who enters it."""

from __future__ import annotations

from collections.abc import Iterable

from hocba_tui.flow.desk import Desk
from hocba_tui.text import given_name

MINE = "tôi"


def whose_words(desk: Desk, accounts: Iterable[str]) -> dict[str, str]:
    """Return the word for each account: the given name, as colleagues say it; a dash where nobody is assigned."""
    school = desk.open_school()
    return {account: MINE if account == desk.account else _short(school.staff(account).name) for account in accounts}


def _short(name: str) -> str:
    return given_name(name) if name else "—"
