"""Show who did what: newest first, narrowed down by day, person, class, pupil and kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from textual.app import ComposeResult

from hocba_tui.errors import Refused
from hocba_tui.flow.activity.kinds import Kind
from hocba_tui.flow.activity.searching import Found, Row, Search, Wanted, find_pupil_key, read_day
from hocba_tui.flow.activity.telling import Teller
from hocba_tui.flow.desk import Desk
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Choose, Notice
from hocba_tui.screens.listed import ListPage
from hocba_tui.screens.reading import ReadingPage
from hocba_tui.screens.search import Search as SearchBox
from hocba_tui.text import clean_line, day_first
from hocba_tui.widgets.rows import RowColumn, Rows

_Told = tuple[Found, tuple[tuple[str, tuple[str, str, str]], ...]]
"""What was found, and the rows of the table: id, when, who, what."""


class ActivityPage(ReadingPage[_Told], ListPage):
    """What the reader may read of the log. It does not read itself again: each reading is noted in it."""

    SCOPE = "activity"
    BINDINGS = bindings_for("activity")
    REFRESHES = False

    def __init__(self, desk: Desk, room: str = "", pupil: str = "", person: str = "") -> None:
        super().__init__(desk)
        self._wanted = Wanted(pupil=pupil, class_key=room, account=person)
        self._search: Search | None = None
        self._kept: tuple[Wanted, _Told] | None = None
        self._shown: _Told | None = None
        self._teller = Teller(desk)
        self._rows: dict[str, Row] = {}

    def heading(self) -> str:
        """Return the title."""
        return "Nhật ký"

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("Lúc", 14), RowColumn("Ai", 13), RowColumn("Việc", 0)), "Không có việc nào như vậy.")

    def steps(self) -> Iterator[object]:
        """Read one journal after the other, unless what is wanted has been read."""
        if self._kept is None or self._kept[0] != self._wanted:
            self._search = Search(self.desk, self._wanted)
            yield from self._search.steps()

    def read(self) -> _Told:
        """Return what was found."""
        if self._kept is None or self._kept[0] != self._wanted:
            assert self._search is not None
            found = self._search.found()
            self._kept = (self._wanted, (found, tuple((_id(row), self._texts(row)) for row in found.rows)))
        return self._kept[1]

    def read_so_far(self) -> _Told:
        """Return what was found by now, which is not shown yet."""
        assert self._search is not None
        return self._search.found(), ()

    def show(self, found: _Told) -> None:
        """Show it when it is whole, from its newest row: before that the next journal may have newer ones."""
        if not self.whole:
            return
        said, rows = found
        table = self.query_one(Rows)
        self._rows = {_id(row): row for row in said.rows}
        table.fill(rows)
        if found is not self._shown and rows:
            table.list.highlighted = 0
        self._shown = found
        count = f"{len(rows)} việc mới nhất; còn nữa, lọc bớt bằng F3" if said.more else f"{len(rows)} việc"
        troubles = f" KHÔNG ĐỌC ĐƯỢC: {said.troubles[0]}" if said.troubles else ""
        self.summarise(f"{self._filter()}{count}. Bạn đọc được: {said.reach.words}.{troubles}")

    def action_open(self) -> None:
        """Show all that may be known of the row under the cursor."""
        if row := self._rows.get(self.query_one(Rows).chosen):
            self.app.push_screen(Notice(*self._teller.details(row)))

    def row_words(self) -> str:
        """Return what is looked for at present."""
        return f"Nhật ký: {self._filter().rstrip('. ') or 'mọi việc'}"

    def action_what(self) -> None:
        """Choose one kind of acts."""

        def answered(chosen: str | None) -> None:
            if chosen is not None:
                self._want(replace(self._wanted, kinds=frozenset([Kind(chosen)] if chosen else [])))

        options = [("", "mọi việc"), *((kind.value, kind.label) for kind in Kind)]
        self.app.push_screen(Choose("Việc gì?", options, next(iter(self._wanted.kinds), "")), answered)

    def action_days(self) -> None:
        """Ask for one day or two."""
        days = [day_first(day.isoformat()) if day else "" for day in (self._wanted.since, self._wanted.until)]
        fields = {"since": ("Từ ngày", days[0]), "until": ("Đến hết ngày", days[1])}

        def wrong(typed: dict[str, str]) -> str | None:
            try:
                self._days(typed)
            except Refused as refused:
                return f"{refused.what} {refused.now}"
            return None

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                self._want(self._days(typed))

        note = "Để trống ngày sau: chỉ một ngày. Để trống cả hai: ngày nào cũng được."
        self.app.push_screen(AskFields("Ngày nào?", fields, note, check=wrong), answered)

    def action_person(self) -> None:
        """Choose a person of the school."""
        people = sorted(self.desk.everybody(), key=lambda person: person.key)
        options = [("", "mọi người"), *((person.key, f"{person.name} ({person.key})") for person in people)]

        def answered(chosen: str | None) -> None:
            if chosen is not None:
                self._want(replace(self._wanted, account=chosen))

        self.app.push_screen(SearchBox("Việc của ai, hoặc nói tới ai?", options, self._wanted.account), answered)

    def action_room(self) -> None:
        """Choose a class."""
        options = [("", "mọi lớp"), *((room.key, f"Lớp {room.key}") for room in self.desk.classrooms())]

        def answered(chosen: str | None) -> None:
            if chosen is not None:
                self._want(replace(self._wanted, class_key=chosen, pupil=""))

        self.app.push_screen(SearchBox("Ở lớp nào?", options, self._wanted.class_key), answered)

    def action_pupil(self) -> None:
        """Ask for the code of a pupil."""

        def wrong(typed: dict[str, str]) -> str | None:
            try:
                self._pupil(typed)
            except Refused as refused:
                return f"{refused.what} {refused.now}"
            return None

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                self._want(replace(self._wanted, pupil=self._pupil(typed), class_key=""))

        fields = {"code": ("Mã học sinh; để trống: mọi em", "")}
        self.app.push_screen(AskFields("Việc về em nào?", fields, as_typed=True, check=wrong), answered)

    def action_everything(self) -> None:
        """Look for everything."""
        self._want(Wanted())

    def action_again(self) -> None:
        """Read again."""
        self._want(self._wanted, again=True)

    # --- inside --------------------------------------------------------------------------------

    def _want(self, wanted: Wanted, *, again: bool = False) -> None:
        """Look for something else; the page reads when the dialog has closed."""
        self._wanted = wanted
        if again:
            self._kept = None
        self.call_later(self.look_now)

    def _days(self, typed: dict[str, str]) -> Wanted:
        since, until = (read_day(text) if clean_line(text) else None for text in (typed["since"], typed["until"]))
        return replace(self._wanted, since=since, until=until or since)

    def _pupil(self, typed: dict[str, str]) -> str:
        return find_pupil_key(self.desk, typed["code"]) if clean_line(typed["code"]) else ""

    def _texts(self, row: Row) -> tuple[str, str, str]:
        at = row.entry.at
        who = " ".join(self._teller.who(row.entry.actor).split()[-2:])  # As colleagues say it.
        return f"{at[8:10]}/{at[5:7]}/{at[2:4]} {at[11:16]}", who, self._teller.line(row)

    def _filter(self) -> str:
        """Return what is looked for, as the beginning of the status line."""
        wanted = self._wanted
        since, until = (day_first(day.isoformat()) if day else "" for day in (wanted.since, wanted.until))
        days = f"ngày {since}" if since == until else f"từ {since or 'đầu'} đến hết {until or 'nay'}"
        parts = [
            *(kind.label for kind in sorted(wanted.kinds)), days if since or until else "",
            self._teller.who(wanted.account) if wanted.account else "",
            f"lớp {wanted.class_key}" if wanted.class_key else "",
            f"em {self._teller.pupil(wanted.pupil)}" if wanted.pupil else "",
        ]  # fmt: skip
        found = ", ".join(part for part in parts if part)
        return f"{found[:1].upper()}{found[1:]}. " if found else ""


def _id(row: Row) -> str:
    entry = row.entry  # Lines of an older log that were taken over together share a number.
    return f"{row.shard}/{entry.seq}/{entry.at}/{entry.actor}/{entry.act}/{entry.note}/{row.pupils}"
