"""Whether anything was written that a page shows: a look at the files, which costs next to nothing."""

from __future__ import annotations

from hocba_tui.flow.desk import Desk
from hocba_tui.store.backend import OUTBOX, SCHOOL, class_shard


class Watch:
    """What a page shows: the school, the outbox, and one class or all that the actor may see."""

    def __init__(self, desk: Desk, class_key: str = "") -> None:
        self._desk = desk
        self._class_key = class_key
        self._names: tuple[str, ...] = ()
        self._named_at: object = None
        self._seen: object = None

    def moved(self) -> bool:
        """Return whether something may have been written since the last call, or a new day has begun."""
        store = self._desk.store
        school = store.trace(SCHOOL)
        if school is None or school != self._named_at:
            self._names, self._named_at = self._named(), school
        now = (self._desk.clock.today(), school, store.trace(OUTBOX), *map(store.trace, self._names))
        moved, self._seen = now != self._seen, now
        return moved

    def _named(self) -> tuple[str, ...]:
        year = self._desk.school.year
        keys = [self._class_key] if self._class_key else [room.key for room in self._desk.my_classes()]
        return tuple(class_shard(year, key) for key in keys)
