"""What was typed into a grid and is not stored: wrong values, and values that lost a conflict.

They stay when the sheet or the period is changed: nothing that was typed disappears without a question.
"""

from __future__ import annotations

from collections.abc import Mapping

from hocba_tui.flow.grades.conflicts import Clash
from hocba_tui.text import moment
from hocba_tui.widgets.grid_model import CellState, GridCell

Place = tuple[str, str]
"""A pupil's key and the name of a field."""


_IN_WORDS = {CellState.WRONG: "đang sai (!)", CellState.CONFLICT: "đang ≠, chưa chọn"}


class Aside:
    """Wrong values and clashes of one class, by place. A wrong value hides a clash until it is discarded."""

    def __init__(self) -> None:
        self.wrong: dict[Place, GridCell] = {}
        self.clashes: dict[Place, Clash] = {}

    @property
    def places(self) -> tuple[Place, ...]:
        """Return the places of all of them."""
        return tuple(dict.fromkeys((*self.wrong, *self.clashes)))

    def cell(self, place: Place) -> GridCell | None:
        """Return what a cell shows, None when it has neither."""
        if place in self.wrong:
            return self.wrong[place]
        return _shown(self.clashes[place]) if place in self.clashes else None

    def cells(self, names: Mapping[str, str], state: CellState) -> list[tuple[str, GridCell]]:
        """Return the cells in one state, with the pupils' names."""
        found = [(names.get(place[0], ""), self.cell(place)) for place in self.places]
        return [(name, cell) for name, cell in found if cell is not None and cell.state is state]

    def reasons(self) -> dict[Place, str]:
        """Return the state of each place in two words: it must not be overwritten without a question."""
        shown = {place: self.cell(place) for place in self.places}
        return {place: _IN_WORDS[cell.state] for place, cell in shown.items() if cell is not None}

    def clash(self, place: Place, clash: Clash) -> None:
        """Add a clash, or remove it when both wrote the same."""
        if clash.settled:
            self.clashes.pop(place, None)
        else:
            self.clashes[place] = clash

    def forget(self, place: Place) -> None:
        """Remove what is noted for a cell."""
        self.wrong.pop(place, None)
        self.clashes.pop(place, None)


def _shown(clash: Clash) -> GridCell:
    when = f" lúc {moment(clash.when)[-5:]}" if clash.when else ""
    note = f"{clash.who} ghi {_brief(clash.held)}{when}; bạn gõ {_brief(clash.wanted)}, CHƯA ghi. Enter ở ô ấy để chọn."
    return GridCell(clash.held, CellState.CONFLICT, note)


def _brief(text: str) -> str:
    """Return a value in at most 20 letters."""
    line = text.replace("\n", " ")
    return (line if len(line) <= 20 else f"“{line[:18]}…”") or "trống"
