"""A conflict over one cell that two people wrote at once: what each wrote, who they are, and when."""

from __future__ import annotations

from dataclasses import dataclass

from hocba_tui.errors import NotAllowed
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades.enter import Typed
from hocba_tui.model.results import Value
from hocba_tui.rules.lawful import Lawful, read_typed
from hocba_tui.rules.permits import Act
from hocba_tui.rules.reading import may_read_cell
from hocba_tui.store.backend import Value as Stored


@dataclass(frozen=True)
class Clash:
    """What one person typed, not stored, and what another person had stored before."""

    mine: Typed
    wanted: str
    """What the typed text means: the value that would be stored, empty to empty the cell."""
    at: str
    """When it was typed, ISO."""
    theirs: Value
    who: str
    """Name of the person who wrote it, for the screen."""
    when: str
    """ISO."""

    @property
    def settled(self) -> bool:
        """Return whether both wrote the same."""
        return self.held == self.wanted

    @property
    def held(self) -> str:
        """Return the other person's value as text, empty when they emptied the cell."""
        return "" if self.theirs is None else str(self.theirs)


def clash_over(desk: Desk, class_key: str, mine: Typed, at: str) -> Clash:
    """Return what was typed at ``at`` together with what is stored now; the actor must be allowed to see the class."""
    opened = desk.open_class(class_key, Act.VIEW_CLASS)
    if not may_read_cell(mine.cell, opened.readable):
        raise NotAllowed(f"Tài khoản {desk.account} không xem được ô này ở lớp {class_key}.")
    held: Stored = opened.document(RESULTS, mine.pupil).get(mine.cell.field)
    read = read_typed(mine.text, mine.cell, opened.classroom)
    wanted = str(read.value) if isinstance(read, Lawful) and read.value is not None else ""
    place = (RESULTS, mine.pupil, mine.cell.field)
    latest = opened.shard.latest(key=mine.pupil)
    last = next((entry for entry in latest if any(edit[:3] == place for edit in entry.edits)), None)
    if last is None:
        return Clash(mine, wanted, at, held, "người khác", "")
    name = opened.school.staff(last.actor).name or last.actor
    who = f"{name} (bạn, ở phiên khác)" if last.actor == desk.account else name
    return Clash(mine, wanted, at, held, who, last.at)
