"""Search the journals: who did what, of which pupil, on which day; the newest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hocba_tui.errors import Refused, StoreUnusable
from hocba_tui.flow.activity.kinds import Kind, acts_of, kind_of
from hocba_tui.flow.activity.reach import Reach
from hocba_tui.flow.desk import CLASSES, INDEX, PROPOSALS, PUPILS, RECORDS, RESULTS, STAFF, Desk, OpenSchool
from hocba_tui.store.activity.noting import EARLIER, TAKEN, Touched, is_activity, spread_out
from hocba_tui.store.backend import OUTBOX, SCHOOL, Entry, Sieve
from hocba_tui.store.intents import INTENTS
from hocba_tui.text import clean_line

_OF_A_PUPIL = frozenset({PUPILS, RESULTS, RECORDS})
_OF_THE_STORE = ("create", "new_shard")
"""What the store does for itself: told to who asks for the machine."""
_NOTED = frozenset({Kind.EXPORT, Kind.LOGIN})
"""Kinds that leave nothing behind in any other journal."""
SHOWN = 500
"""Rows that are shown at once."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty asks for nothing."""

    pupil: str = ""
    """Key of a pupil."""
    class_key: str = ""
    account: str = ""
    """Who did it, or to whose account it was done."""
    kinds: frozenset[Kind] = frozenset()
    since: date | None = None
    until: date | None = None
    """The first and the last day."""
    most: int = SHOWN

    @property
    def words(self) -> str:
        """Return it in keys, as it is noted that somebody has looked."""
        days = "/".join(day.isoformat() if day else "" for day in (self.since, self.until))
        named = {"pupil": self.pupil, "class": self.class_key, "account": self.account, "days": days.strip("/")}
        named["what"] = ",".join(sorted(self.kinds))
        return " ".join(f"{name}={value}" for name, value in named.items() if value)


@dataclass(frozen=True)
class Row:
    """One thing that somebody did."""

    shard: str
    entry: Entry
    kind: Kind
    class_key: str
    """Empty where it is about no class."""
    pupils: tuple[str, ...]
    accounts: frozenset[str]
    """By whom, and about whose account it is."""

    @classmethod
    def of(cls, shard: str, entry: Entry) -> Row:
        """Return the row of an entry."""
        kind = kind_of(entry.act, shard)
        if is_activity(shard):
            touched = Touched.of(entry)
            pupils = (touched.pupil,) if touched.pupil else ()
            accounts = {entry.actor, touched.account} - {""}
            return cls(shard, entry, kind, touched.class_key, pupils, frozenset(accounts))
        keys = dict.fromkeys(edit.key for edit in entry.edits if edit.table in _OF_A_PUPIL)
        about = {edit.key for edit in entry.edits if edit.table in (STAFF, PROPOSALS)}
        rooms = {edit.key for edit in entry.edits if edit.table == CLASSES}
        room = class_of(shard) or (rooms.pop() if len(rooms) == 1 else "")
        return cls(shard, entry, kind, room, tuple(keys), frozenset({entry.actor, *about}))


@dataclass(frozen=True)
class Found:
    """What was found, the newest first."""

    rows: tuple[Row, ...]
    more: bool
    """Whether there is more than was asked for."""
    reach: Reach
    troubles: tuple[str, ...]
    """What could not be read."""


def class_of(shard: str) -> str:
    """Return the class of a shard, empty for those of the school."""
    return "" if shard in (SCHOOL, OUTBOX) or is_activity(shard) else shard.partition("/")[2]


def search(desk: Desk, wanted: Wanted) -> Found:
    """Return what the actor may read of what is wanted, and note that it was looked for.

    Nobody is refused: who has no duty that needs the log sees what was done with the own account.
    """
    looking = Search(desk, wanted)
    for _ in looking.steps():
        pass
    return looking.found()


class Search:
    """A search that goes on journal by journal; that it was looked for is noted when it begins."""

    def __init__(self, desk: Desk, wanted: Wanted) -> None:
        self._school = desk.open_school()
        self._wanted = wanted
        self._newest = _Newest(wanted.most)
        self._troubles: list[str] = []
        desk.store.log_access(
            desk.account, "read_log", wanted.words, class_key=wanted.class_key, pupil=wanted.pupil,
            account=wanted.account,
        )  # fmt: skip
        self._reach = Reach.of(self._school)

    def steps(self) -> Iterator[None]:
        """Read one journal after the other."""
        for name in _shards(self._school, self._wanted):
            yield
            try:
                _read(self._school, name, self._wanted, self._reach, self._newest)
            except StoreUnusable as error:
                self._troubles.append(f"{name}: {error.what}")

    def found(self) -> Found:
        """Return what was found by now."""
        return Found(self._newest.rows(), self._newest.more, self._reach, tuple(self._troubles))


class _Newest:
    """The newest rows that were found so far, as many as are wanted."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: list[tuple[str, str, int, int, Row]] = []
        self.more = False
        """Whether there was a row that is not among them."""

    def floor(self) -> str:
        """Return a time before which nothing is of use any more."""
        return self._held[0][0] if self.more else ""

    def add(self, row: Row, number: int) -> None:
        """Take a row; ``number`` tells those of one entry apart."""
        key = (row.entry.at, row.shard, row.entry.seq, number, row)
        if len(self._held) < self._most:
            heapq.heappush(self._held, key)
        else:
            self.more = True
            heapq.heappushpop(self._held, key)

    def rows(self) -> tuple[Row, ...]:
        """Return them, the newest first."""
        return tuple(each[-1] for each in sorted(self._held, key=lambda each: each[:-1], reverse=True))


def find_pupil_key(desk: Desk, typed: str) -> str:
    """Return the key of the pupil whose key or code somebody has typed; Refused when the school has none."""
    index = desk.open_school().table(INDEX)
    text = typed.strip()
    found = [key for key, facts in index.items() if text in (key, facts.get("code"), *(facts.get("former") or ()))]
    if len(found) != 1:
        raise Refused(f"Không có học sinh nào mã “{text[:32]}”.", "Gõ mã học sinh, như trong danh sách lớp.", "")
    return found[0]


def read_day(typed: str) -> date:
    """Return the day that somebody has typed; Refused when it cannot be read."""
    from hocba_tui.intake.dates import read_date

    text = clean_line(typed)
    day = None if text.isdigit() else read_date(text)
    if not day:
        raise Refused(f"Ngày “{text[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 12/01/2026.", "")
    return date.fromisoformat(day)


def _shards(school: OpenSchool, wanted: Wanted) -> Iterator[str]:
    """Yield the journals in which something of what is wanted may stand."""
    for name in school.store.names():
        if wanted.kinds and wanted.kinds <= _NOTED and not is_activity(name):
            continue
        room = class_of(name)
        fits = room == wanted.class_key if wanted.class_key else bool(room) or not wanted.pupil
        if fits or is_activity(name) or (name == SCHOOL and not wanted.pupil):
            yield name


def _read(school: OpenSchool, name: str, wanted: Wanted, reach: Reach, newest: _Newest) -> None:
    """Add the rows of one journal; raise StoreUnusable at the end when a line of it is damaged."""
    damaged: StoreUnusable | None = None
    for hit in school.store.hits(name, _sieve(name, wanted, reach), newest.floor):
        if hit.at < newest.floor():
            continue
        try:
            entry = hit.entry()
        except StoreUnusable as error:
            damaged = error
            continue
        for number, each in enumerate(spread_out(entry)):
            row = Row.of(name, each)
            if _is_wanted(row, wanted) and reach.has(row.kind, row.class_key, row.accounts):
                newest.add(row, number)
    if damaged is not None:
        raise damaged


def _sieve(name: str, wanted: Wanted, reach: Reach) -> Sieve:
    since = wanted.since.isoformat() if wanted.since else ""
    until = (wanted.until + timedelta(days=1)).isoformat() if wanted.until else ""
    of_class = not class_of(name)  # A class's own journal does not say which class it is.
    having: tuple[str, ...] = ()
    if wanted.pupil or wanted.account:
        having = (wanted.pupil or wanted.account,)
    elif wanted.class_key and of_class:
        having = (wanted.class_key,)
    elif not (reach.whole or reach.everywhere or class_of(name) in reach.classes):
        having = (reach.own, *(reach.classes if of_class else ()))
    acts = acts_of(wanted.kinds, name) if wanted.kinds else None
    always = EARLIER if is_activity(name) else frozenset[str]()
    taken = (TAKEN,) if is_activity(name) else ()  # It may name somebody within a line of the old log.
    return Sieve(since, until, (*having, *taken) if having else (), acts, always)


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    if row.entry.edits and all(edit.table == INTENTS for edit in row.entry.edits):
        return False  # The steps in the classes say it.
    if row.entry.act in _OF_THE_STORE and Kind.MACHINE not in wanted.kinds:
        return False
    if wanted.pupil and wanted.pupil not in row.pupils:
        return False
    if wanted.class_key and wanted.class_key != row.class_key:
        return False
    if wanted.account and wanted.account not in row.accounts:
        return False
    if wanted.kinds and row.kind not in wanted.kinds:
        return False
    day = row.entry.at[:10]
    return (wanted.since is None or day >= wanted.since.isoformat()) and (
        wanted.until is None or day <= wanted.until.isoformat()
    )
