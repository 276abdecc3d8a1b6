"""Who teaches what in which class; heads change it from a day on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.people.assignments import Assignment, assignments, who_may_teach
from hocba_tui.flow.school.assigning import HOMEROOM, assign_in, look_at_assignment
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.people.planned import Plan, PlannedPage
from hocba_tui.screens.people.ticks import Ticks
from hocba_tui.screens.search import Search
from hocba_tui.text import day_first
from hocba_tui.widgets.rows import RowColumn, Rows

_FILTERS: Mapping[str, Callable[[Assignment], bool]] = {
    "mọi việc": lambda _: True,
    "việc chưa có người": lambda found: found.lacking,
    "chủ nhiệm và môn giao riêng": lambda found: found.own,
}
_MOST = 12
"""Lines of the history that a notice has room for."""


class AssignmentsPage(PlannedPage):
    """The duties of every class that the person may see."""

    SCOPE = "assignments"
    BINDINGS = bindings_for("assignments")

    def __init__(self, desk: Desk, room: str = "") -> None:
        """Make the page; the cursor is first on the class ``room``."""
        super().__init__(desk)
        self._found: dict[str, Assignment] = {}
        self._filter = "mọi việc"
        self._wanted = f"{room}/{HOMEROOM}" if room else ""

    def heading(self) -> str:
        """Return where the person is."""
        return "Phân công"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("Lớp", 5), RowColumn("Việc, môn", 22), RowColumn("Giáo viên", 36), RowColumn("Từ ngày", 0),
        )  # fmt: skip
        yield Rows(columns, "Không có việc nào như vậy. l: xem việc khác.")

    def look(self) -> None:
        """Read the assignments again."""
        self._found = {f"{found.room.key}/{found.what}": found for found in assignments(self.desk)}
        rows = self.query_one(Rows)
        rows.fill((key, _texts(found)) for key, found in self._found.items() if _FILTERS[self._filter](found))
        if self._wanted:
            rows.go_to(self._wanted)
            self._wanted = ""
        lacking = sum(found.lacking for found in self._found.values())
        which = "" if self._filter == "mọi việc" else f"Chỉ xem {self._filter}. "
        change = " e: giao cho người khác." if self.check_action("edit", ()) else ""
        said = f"{lacking} việc chưa có người." if lacking else "Việc nào cũng có người."
        self.summarise(f"{which}{said} Enter: ai dạy từ bao giờ.{change}")

    def action_filter(self) -> None:
        """Show other rows: all, what nobody has, what was given for itself."""
        names = list(_FILTERS)
        self._news = ""
        self._filter = names[(names.index(self._filter) + 1) % len(names)]
        self.look()

    def action_open(self) -> None:
        """Show who had the duty under the cursor, and since when."""
        if found := self._found.get(self.query_one(Rows).chosen):
            school = self.desk.open_school()
            lines = [
                f"{school.staff(stay.account).name or stay.account}: "
                f"{f'từ {day_first(stay.since)}' if stay.since else 'từ đầu năm học'}"
                f"{f' đến {day_first(stay.until)}' if stay.until else ''}"
                for stay in found.stays
            ]
            if not found.own and found.holder:
                lines.append(f"{found.holder.name}: theo chủ nhiệm")
            self.app.push_screen(Notice(_title(found), *(lines[-_MOST:] or ["Chưa giao cho ai."])))

    def action_edit(self) -> None:
        """Choose who has the duty under the cursor from a day on."""
        found = self._found.get(self.query_one(Rows).chosen)
        people = self.attempt(lambda: who_may_teach(self.desk)) if found else None
        if found is None or people is None:
            return
        seen = found.holder.key if found.holder else ""
        title = _title(found)

        def plan(account: str, typed: dict[str, str]) -> Plan:
            given = ({found.room.key: seen}, found.what, account, typed["since"])
            (change,) = look_at_assignment(self.desk, *given)
            before = change.before.name if change.before else "chưa có ai"
            words = f"{title}: {before} → {change.after.name}, từ {day_first(change.since)}"
            follows = " Môn nào chưa giao riêng cũng theo chủ nhiệm mới." if found.what == HOMEROOM else ""

            def act() -> str:
                assign_in(self.desk, *given)
                return f"Đã phân công. {words}."

            return Plan(f"{title}: giao cho {change.after.name}?", f"{words}.{follows}", "phân công", act)

        def chosen(account: str | None) -> None:
            if account is not None:
                self.ask(f"{title}: {names[account]}", self._since(), lambda typed: plan(account, typed))

        names = {one.key: f"{one.name} ({one.key})" for one in people}
        self.app.push_screen(Search(f"{title}: giao cho ai", list(names.items()), seen, "giao"), chosen)

    def action_several(self) -> None:
        """Give the subject under the cursor to one person in several classes, as one change."""
        found = self._found.get(self.query_one(Rows).chosen)
        people = self.attempt(lambda: who_may_teach(self.desk)) if found else None
        if found is None or people is None:
            return
        if found.what == HOMEROOM:
            self.note("Chủ nhiệm thì giao từng lớp: e.")
            return
        names = {one.key: f"{one.name} ({one.key})" for one in people}
        rows = {row.room.key: row for row in self._found.values() if row.what == found.what}

        def chosen(account: str | None) -> None:
            if account is None:
                return
            others = {key: row for key, row in rows.items() if not row.holder or row.holder.key != account}
            options = [
                (key, f"{key}: {row.holder.name if row.holder else 'chưa có ai'}") for key, row in others.items()
            ]

            def ticked(keys: tuple[str, ...] | None) -> None:
                if keys:
                    seen = {key: row.holder.key if (row := others[key]).holder else "" for key in keys}
                    self.ask(
                        f"{found.words}, {len(keys)} lớp: {names[account]}",
                        self._since(),
                        lambda typed: self._plan_several(found, seen, account, typed["since"]),
                    )

            self.app.push_screen(Ticks(f"{found.words}: {names[account]} dạy lớp nào", options, ()), ticked)

        self.app.push_screen(Search(f"{found.words}: giao cho ai", list(names.items()), "", "chọn lớp"), chosen)

    def _plan_several(self, found: Assignment, seen: Mapping[str, str | None], account: str, since: str) -> Plan:
        changes = look_at_assignment(self.desk, seen, found.what, account, since)
        first = changes[0]
        words = f"{found.words} lớp {', '.join(seen)}: {first.after.name}, từ {day_first(first.since)}"

        def act() -> str:
            assign_in(self.desk, seen, found.what, account, since)
            return f"Đã phân công. {words}."

        instead = dict.fromkeys(change.before.name if change.before else "chưa có ai" for change in changes)
        return Plan(
            f"Giao {found.words} ở {len(seen)} lớp?", f"{words}. Thay cho: {', '.join(instead)}.", "phân công", act
        )

    def row_words(self) -> str:
        """Return which subject the numbered list is about."""
        found = self._found.get(self.query_one(Rows).chosen)
        return found.words if found else "Phân công"

    def _since(self) -> Mapping[str, tuple[str, str]]:
        return {"since": ("Từ ngày (5/9 hay 05/09/2025)", f"{self.desk.clock.today():%d/%m/%Y}")}


def _title(found: Assignment) -> str:
    return f"Lớp {found.room.key}, {found.words}"


def _texts(found: Assignment) -> tuple[str, ...]:
    name = found.holder.name or found.holder.key if found.holder else ""
    if found.lacking:
        who = f"ĐÃ NGHỈ: {name}" if name else "CHƯA CÓ AI"
    else:
        who = name if found.own else f"{name} (chủ nhiệm)" if name else "chưa có ai (theo chủ nhiệm)"
    return found.room.key, found.words, who, day_first(found.since)
