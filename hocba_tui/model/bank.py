"""The bank of comments: ready-made texts with a short code, and placeholders that are filled in for each pupil."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hocba_tui.model.values import Period


class Shelf(StrEnum):
    """Whom an entry belongs to. When two entries have the same code, the later of these counts."""

    SHIPPED = "shipped"
    SCHOOL = "school"
    OWN = "own"

    @property
    def label(self) -> str:
        """Return the word on the screen and in the Excel file."""
        return {"shipped": "Có sẵn", "school": "Của trường", "own": "Của tôi"}[self.value]


class Calling(StrEnum):
    """What a teacher calls a pupil in a comment."""

    EM = "em"
    CON = "con"


class Scope(StrEnum):
    """How much of the bank is offered for a comment."""

    FITTING = "fitting"
    ITEM = "item"
    ALL = "all"

    @property
    def label(self) -> str:
        """Return the words on the screen."""
        return {"fitting": "đúng mức, đúng khối", "item": "mọi mức của mục này", "all": "cả ngân hàng"}[self.value]


@dataclass(frozen=True)
class BankEntry:
    """One comment of the bank."""

    code: str
    """The code that a teacher types to get it: lower-case letters without diacritics, and digits."""
    text: str
    """With placeholders such as ``{ten}``; see :func:`hocba_tui.rules.bank.fill`."""
    item: str = ""
    """Code of a subject or a trait, a group of traits, or ``homeroom``; empty: any comment."""
    levels: str = ""
    """Letters of the levels for which it is meant; empty: all."""
    grades: tuple[int, ...] = ()
    """Empty: all."""
    periods: tuple[Period, ...] = ()
    """Empty: all."""
    shelf: Shelf = Shelf.SHIPPED
