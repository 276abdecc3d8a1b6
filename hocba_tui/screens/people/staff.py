"""Everybody who has an account, and how to add somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.people.staff import Person, Standing, everybody
from hocba_tui.flow.people.told import login_to_make, waits_in_words
from hocba_tui.flow.proposals import roles_in_words
from hocba_tui.flow.school.accounts import look_at_change, new_account, save_account
from hocba_tui.flow.school.logins import give_logins
from hocba_tui.flow.staff_facts import LABELS
from hocba_tui.model.school import Staff
from hocba_tui.model.values import Role
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.people.planned import Plan, PlannedPage
from hocba_tui.screens.people.roles import ask_roles
from hocba_tui.widgets.rows import RowColumn, Rows

_FILTERS: Mapping[str, frozenset[Standing]] = {
    "mọi người": frozenset(Standing),
    "đang làm": frozenset(Standing) - {Standing.LEFT},
    "chưa vào được": frozenset({Standing.CLOSED, Standing.NO_LOGIN, Standing.SHARED, Standing.WAITING}),
    "đã nghỉ": frozenset({Standing.LEFT}),
}
_NEW = ("name", "title", "sex", "birth", "personal_id", "email")
"""The facts that are asked of somebody new; the others can be written later."""


class StaffPage(PlannedPage):
    """The accounts of the school, by name."""

    SCOPE = "staff"
    BINDINGS = bindings_for("staff")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._people: dict[str, Person] = {}
        self._filter = "mọi người"

    def heading(self) -> str:
        """Return where the person is."""
        return "Cán bộ, tài khoản"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("Họ và tên", 22), RowColumn("Tài khoản", 13), RowColumn("Tình trạng", 21),
            RowColumn("Quyền, lớp", 0),
        )  # fmt: skip
        yield Rows(columns, "Không có ai như vậy. l: xem người khác.")

    def look(self) -> None:
        """Read the accounts again."""
        self._people = {person.staff.key: person for person in everybody(self.desk)}
        shown = [person for person in self._people.values() if person.standing in _FILTERS[self._filter]]
        self.query_one(Rows).fill((person.staff.key, _texts(person)) for person in shown)
        counts = Counter(person.standing for person in self._people.values())
        said = ", ".join(f"{counts[how]} {how.value}" for how in Standing if counts[how])
        which = "" if self._filter == "mọi người" else f"Chỉ xem {self._filter}. "
        self.summarise(f"{which}{said}. Enter: thẻ. F3: thêm người.")

    def on_rows_moved(self) -> None:
        """Say everything about whom the cursor is on, since a row may cut it."""
        if person := self._people.get(self.query_one(Rows).chosen):
            login = f"; đăng nhập {person.staff.system_user}" if person.staff.system_user else ""
            work = f"; {person.work_words}" if person.work else ""
            self.say(f"{person.staff.name}: {person.role_words}{work}{login}; {person.standing.value}.")

    def row_words(self) -> str:
        """Return what the numbered list is about."""
        return "Cán bộ, tài khoản"

    def action_open(self) -> None:
        """Open the card of whom the cursor is on."""
        if chosen := self.query_one(Rows).chosen:
            self.go("person", who=chosen)

    def action_filter(self) -> None:
        """Show others: all, who works here, who cannot come in, who has left."""
        names = list(_FILTERS)
        self._news = ""
        self._filter = names[(names.index(self._filter) + 1) % len(names)]
        self.look()

    def action_intake(self) -> None:
        """Import the list of staff."""
        self.go("intake", kind="staff")

    def action_proposals(self) -> None:
        """Open what waits for a second person."""
        self.go("proposals")

    def action_add(self) -> None:
        """Ask for the roles and the facts of somebody new."""

        def chosen(roles: tuple[str, ...]) -> None:
            fields = {name: (LABELS[name], "") for name in _NEW}
            fields["title"] = (LABELS["title"], Role(roles[0]).label if roles else "Nhân viên")
            fields |= {"key": ("Tài khoản", ""), "system_user": ("Tên đăng nhập", "")}
            note = "Tài khoản để trống: chương trình đặt, ví dụ gv.hoapt. Tên đăng nhập gắn sau cũng được."
            self.ask("Thêm người", fields, lambda typed: self._plan_new(roles, typed), note)

        ask_roles(self, "Quyền của người mới", (Role.TEACHER.value,), chosen)

    def _plan_new(self, roles: tuple[str, ...], typed: dict[str, str]) -> Plan:
        facts: dict[str, object] = {name: text for name, text in typed.items() if name != "key" and text.strip()}
        teaches = not {Role.TEACHER, Role.PRINCIPAL, Role.DEPUTY}.isdisjoint(map(Role, roles))
        key = typed["key"].strip() or new_account(
            typed["name"], {one.key for one in self.desk.everybody()}, teaches=teaches
        )
        facts |= {"name": typed["name"], "roles": list(roles)}
        saved = look_at_change(self.desk, key, facts, Staff(key))

        def act() -> str:
            done = save_account(self.desk, key, facts, Staff(key))
            return f"Đã thêm {done.person.name}, tài khoản {key}. {_waits(waits_in_words(done))}{login_to_make(facts)}"

        wanted = roles_in_words(Staff(key, roles=roles))
        detail = f"Tài khoản {key}, chức vụ {saved.person.title or 'chưa ghi'}, quyền: {wanted}."
        return Plan(f"Thêm {saved.person.name}?", f"{detail} {_waits(waits_in_words(saved))}", "thêm", act)

    def action_logins(self) -> None:
        """Give everybody who has none a login with the name of the account."""

        def make() -> Plan:
            lacking = sum(1 for person in everybody(self.desk) if person.standing is Standing.NO_LOGIN)
            detail = (
                "Mỗi người lấy tên tài khoản làm tên đăng nhập. Của ban giám hiệu, văn thư, quản trị thì chờ người thứ "
                "hai. Sau đó người trông máy tạo trên máy: sudo hocba account apply."
            )
            return Plan(f"Gắn tên đăng nhập cho {lacking} người chưa có?", detail, "gắn", act)

        def act() -> str:
            done = give_logins(self.desk)
            return f"Đã gắn cho {len(done.given)} người; {len(done.waiting)} người chờ người thứ hai."

        self.carry_out(make)


def _waits(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}. " if words else ""


def _texts(person: Person) -> tuple[str, ...]:
    return person.staff.name, person.staff.key, person.standing.value, person.short_words
