"""Remember how a person likes to work. It is kept with the drafts of the person and not with the school's data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from hocba_tui.flow.desk import Desk
from hocba_tui.model.bank import Calling
from hocba_tui.telex.word import Method

_TYPING = "habit/typing"
_CALLING = "habit/calling"
_DIRECTION = "habit/direction"
_BELL = "habit/bell"
_BANK_USE = "habit/bank"
_MOST_COUNTED = 500
"""Codes whose use is remembered; the rarest are forgotten first."""
_COUNT = re.compile(r"[0-9]{1,9}")


def typing_method(desk: Desk) -> Method:
    """Return how the actor last chose to type Vietnamese; OFF when they never chose."""
    kept = desk.store.drafts(desk.account).get(_TYPING, "")
    return Method(kept) if kept in list(Method) else Method.OFF


def keep_typing_method(desk: Desk, method: Method) -> None:
    """Remember how the actor types Vietnamese; NotSaved when the disk refuses."""
    desk.store.keep_draft(desk.account, _TYPING, "" if method is Method.OFF else method)


def direction(desk: Desk) -> str:
    """Return where the actor's cursor goes after a value; empty when the actor has never chosen."""
    return desk.store.drafts(desk.account).get(_DIRECTION, "")


def keep_direction(desk: Desk, chosen: str) -> None:
    """Save where the cursor goes after a value; raise NotSaved when the disk refuses."""
    desk.store.keep_draft(desk.account, _DIRECTION, chosen)


def rings(desk: Desk) -> bool:
    """Return whether the terminal rings when a key is not taken; it does until the actor switches it off."""
    return desk.store.drafts(desk.account).get(_BELL, "") != "off"


def keep_rings(desk: Desk, *, on: bool) -> None:
    """Save whether the terminal rings; raise NotSaved when the disk refuses."""
    desk.store.keep_draft(desk.account, _BELL, "" if on else "off")


def calling(desk: Desk) -> Calling:
    """Return what the actor calls pupils in comments; "em" when they never chose."""
    kept = desk.store.drafts(desk.account).get(_CALLING, "")
    return Calling(kept) if kept in list(Calling) else Calling.EM


def keep_calling(desk: Desk, chosen: Calling) -> None:
    """Remember what the actor calls pupils; NotSaved when the disk refuses."""
    desk.store.keep_draft(desk.account, _CALLING, "" if chosen is Calling.EM else chosen)


def bank_use(desk: Desk) -> Counter[str]:
    """Return how often the actor has used each entry of the bank, by code."""
    kept = desk.store.drafts(desk.account).get(_BANK_USE, "")
    pairs = (line.rpartition(" ") for line in kept.splitlines())
    return Counter({code: int(times) for code, _, times in pairs if code and _COUNT.fullmatch(times)})


def count_bank_use(desk: Desk, codes: Iterable[str]) -> None:
    """Count one use of each of ``codes``; NotSaved when the disk refuses."""
    used = bank_use(desk)
    used.update(codes)
    lines = (f"{code} {times}" for code, times in used.most_common(_MOST_COUNTED))
    desk.store.keep_draft(desk.account, _BANK_USE, "\n".join(lines))
