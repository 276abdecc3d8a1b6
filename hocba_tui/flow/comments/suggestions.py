"""Suggest entries of the bank for one comment on one pupil, with the number of classmates who have the same words."""

from __future__ import annotations

import contextlib
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from hocba_tui.errors import NotSaved, Refused
from hocba_tui.flow.comments.bank import bank_of, forget, keep
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.marks import Marks
from hocba_tui.flow.preferences import bank_use, calling, count_bank_use, keep_calling
from hocba_tui.model.bank import BankEntry, Calling, Scope, Shelf
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import COMMENT, Cell, Results
from hocba_tui.model.values import Period
from hocba_tui.rules.bank import (
    USES,
    Wanted,
    fill,
    generalise,
    matches,
    read_code,
    suits,
    wanted_at,
)
from hocba_tui.rules.bank_sharing import holders, is_shared, own_words, variants
from hocba_tui.rules.comments import in_bare_words

_FEW = 5
"""Most variants that are suggested at once."""
_SHELVES = (Shelf.OWN, Shelf.SCHOOL, Shelf.SHIPPED)


class Offer(NamedTuple):
    """One entry with its text as it would be in the comment."""

    entry: BankEntry
    text: str
    others: int
    """Number of other pupils of the class with these words in the same comment."""

    @property
    def shared(self) -> bool:
        """Return whether so many pupils have it that a variant is better."""
        return is_shared(self.others)


class BankDesk:
    """The bank for the comment in ``cell`` on ``pupil``. It reads the store when it is first used."""

    def __init__(self, desk: Desk, marks: Marks, pupil: Pupil, cell: Cell) -> None:
        self.desk = desk
        self._pupil = pupil
        said = {other: marks.text(other.key, cell) for other in marks.pupils if other.key != pupil.key}
        self._others = {other: text for other, text in said.items() if text}
        results = marks.results.get(pupil.key, Results({}))
        self.wanted: Wanted = wanted_at(cell, pupil, marks.classroom, results)
        self.item = cell.item
        self.level = self.wanted.levels.get(cell.item, "")

    @classmethod
    def serves(cls, cell: Cell) -> bool:
        """Return whether ``cell`` is a comment of a period; there is no bank for the facts of the year."""
        return cell.aspect == COMMENT and cell.period in set(Period)

    @property
    def about(self) -> str:
        """Return what the comment is about, in Vietnamese: item, level, grade."""
        level = f" · mức {self.level}" if self.level else ""
        return f"{USES[self.item]}{level} · khối {self.wanted.grade}"

    # --- search --------------------------------------------------------------------------------

    @cached_property
    def _entries(self) -> dict[str, BankEntry]:
        return {entry.code: entry for entry in bank_of(self.desk)}

    @cached_property
    def _bare(self) -> list[str]:
        return [in_bare_words(text) for text in self._others.values()]

    @cached_property
    def _own_words(self) -> Counter[str]:
        return Counter(own_words(text, other) for other, text in self._others.items())

    @cached_property
    def _used(self) -> Counter[str]:
        return bank_use(self.desk)

    @cached_property
    def calling(self) -> Calling:
        """Return how the actor addresses pupils."""
        return calling(self.desk)

    def found(self, typed: str = "", scope: Scope = Scope.FITTING) -> list[Offer]:
        """Return the matching entries: first the one whose code was typed, then those that the actor uses most."""
        code = read_code(typed)
        fitting = [e for e in self._entries.values() if suits(e, self.wanted, scope) and matches(e, typed)]

        def order(entry: BankEntry) -> tuple[bool, int, int]:
            return entry.code != code, -self._used[entry.code], _SHELVES.index(entry.shelf)

        return [self._offer(entry) for entry in sorted(fitting, key=order)]

    def instead_of(self, entry: BankEntry) -> list[Offer]:
        """Return a few variants of ``entry`` that fewer pupils of the class have, the rarest first."""
        suiting = (other for other in self._entries.values() if suits(other, self.wanted, Scope.FITTING))
        held = holders(entry, self._bare)
        offers = [offer for offer in map(self._offer, variants(entry, suiting)) if offer.others < held]
        return sorted(offers, key=lambda offer: offer.others)[:_FEW]

    def _offer(self, entry: BankEntry) -> Offer:
        return Offer(entry, fill(entry.text, self._pupil, self.calling), holders(entry, self._bare))

    def by_code(self, typed: str) -> Offer | None:
        """Return the entry whose code is ``typed``, None when there is none."""
        entry = self._entries.get(read_code(typed))
        return self._offer(entry) if entry else None

    def others_with(self, text: str) -> int:
        """Return how many others of the class have the same comment, apart from the names in it."""
        return self._own_words[own_words(text, self._pupil)] if text.strip() else 0

    # --- use -----------------------------------------------------------------------------------

    def take(self, offer: Offer) -> str:
        """Count a use and return the text."""
        self._used[offer.entry.code] += 1
        with contextlib.suppress(NotSaved):  # Only the order of the list depends on it.
            count_bank_use(self.desk, [offer.entry.code])
        return offer.text

    def call(self, chosen: Calling) -> None:
        """Address pupils as ``chosen`` from now on, in this comment and in later ones."""
        self.calling = chosen
        with contextlib.suppress(NotSaved):  # Then the choice applies to this comment only.
            keep_calling(self.desk, chosen)

    def general(self, text: str) -> str:
        """Return ``text`` with {ten} in place of the pupil's name, as the bank stores it."""
        return generalise(text, self._pupil)

    def free_code(self) -> str:
        """Return a free code, made of the item, the level and an r for one's own (riêng)."""
        alike = [e.code for e in self._entries.values() if e.item == self.item and e.shelf is Shelf.SHIPPED]
        stem = alike[0].rstrip("0123456789")[:-1] if alike else "r"
        level = read_code(self.level)
        return next(code for n in range(1, 10_000) if (code := f"{stem}{level}r{n}") not in self._entries)

    def keep_own(self, code: str, text: str) -> BankEntry:
        """Save ``text`` on the actor's own shelf, for comments like this one; return the entry.

        Refused when another entry of the actor has the code, or when the entry is not valid.
        """
        held = self._entries.get(read_code(code))
        if held is not None and held.shelf is Shelf.OWN and held.text != text:
            raise Refused(f"Mã {held.code} đang là của lời khác: “{held.text[:40]}”.", "Chọn mã khác.")
        entry = BankEntry(read_code(code), text, self.item, self.level, shelf=Shelf.OWN)
        keep(self.desk, [entry], Shelf.OWN)
        self._entries[entry.code] = entry
        return entry

    def forget_own(self, entry: BankEntry) -> None:
        """Remove an entry from the actor's own shelf; Refused when it is not there.

        An entry of the school or a shipped one with the same code is visible again.
        """
        forget(self.desk, entry.code, Shelf.OWN)
        del self._entries

    def export(self, path: Path) -> int:
        """Write all entries that the actor may use to an Excel file; return their number.

        Raises as :func:`~hocba_tui.flow.comments.bank_import_export.export_bank` does.
        """
        from hocba_tui.flow.comments.bank_import_export import export_bank

        return export_bank(self.desk, path)
