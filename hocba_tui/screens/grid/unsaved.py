"""What was typed into a grid and is not stored: wrong values, and values that somebody else was faster than.

They outlive a change of the sheet or the period: nothing that was typed disappears unasked.
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
    """Wrong values and clashes of one class, by place. A wrong value hides a clash until it is given up."""

    def __init__(self) -> None:
        self.wrong: dict[Place, GridCell] = {}
        self.clashes: dict[Place, Clash] = {}

    @property
    def places(self) -> tuple[Place, ...]:
        """Return where something is set aside."""
        return tuple(dict.fromkeys((*self.wrong, *self.clashes)))

    def cell(self, place: Place) -> GridCell | None:
        """Return what a cell shows, None where nothing is set aside."""
        if place in self.wrong:
            return self.wrong[place]
        return _shown(self.clashes[place]) if place in self.clashes else None

    def cells(self, names: Mapping[str, str], state: CellState) -> list[tuple[str, GridCell]]:
        """Return what is set aside in one state, with the pupils' names."""
        found = [(names.get(place[0], ""), self.cell(place)) for place in self.places]
        return [(name, cell) for name, cell in found if cell is not None and cell.state is state]

    def reasons(self) -> dict[Place, str]:
        """Return in two words what stands in each place: nothing may be written over it unasked."""
        shown = {place: self.cell(place) for place in self.places}
        return {place: _IN_WORDS[cell.state] for place, cell in shown.items() if cell is not None}

    def clash(self, place: Place, clash: Clash) -> None:
        """Set a clash aside, or forget it when both wrote the same after all."""
        if clash.settled:
            self.clashes.pop(place, None)
        else:
            self.clashes[place] = clash

    def forget(self, place: Place) -> None:
        """Set nothing aside for a cell any more."""
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
