"""Everything about one person, and what can be changed of it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping

from textual.app import ComposeResult

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.people.card import PersonCard, person_card
from hocba_tui.flow.people.told import change_in_words, login_to_make, waits_in_words
from hocba_tui.flow.proposals import roles_in_words
from hocba_tui.flow.school.accounts import Saved, look_at_change, save_account
from hocba_tui.flow.staff_facts import LABELS, typed_facts
from hocba_tui.model.school import Staff
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.people.asking import ask_machine
from hocba_tui.screens.people.duties import ask_duty, ask_end
from hocba_tui.screens.people.leaving import ask_leaving, ask_off, ask_on, ask_return
from hocba_tui.screens.people.planned import Plan, PlannedPage
from hocba_tui.screens.people.roles import ask_roles
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.rows import RowColumn, Rows

_WHEN: Mapping[str, Callable[[Staff], bool]] = {
    "leave_school": lambda one: not one.left,
    "come_back": lambda one: bool(one.left),
    "switch_off": lambda one: not one.barred,
    "switch_on": lambda one: bool(one.closed),
}
"""When each of these is offered."""
_LABEL = 18
_TEXT = 80 - 3 - (_LABEL + 1)
"""How many letters fit beside a label on a line of 80 columns."""


class PersonPage(PlannedPage):
    """The card of one account."""

    SCOPE = "person"
    BINDINGS = bindings_for("person")

    def __init__(self, desk: Desk, who: str = "") -> None:
        super().__init__(desk)
        self.account = who or desk.account
        self._card: PersonCard | None = None

    def heading(self) -> str:
        """Return where the person is."""
        return f"Cán bộ › {self.account}"

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("Mục", _LABEL), RowColumn("Nội dung", 0)), "Không có tài khoản này.")

    def look(self) -> None:
        """Read the card again."""
        self._card = person_card(self.desk, self.account)
        self.query_one("#title", Title).say(f"Cán bộ › {self._person.name} ({self.account})")
        self.query_one(Rows).fill(
            (f"{number}.{place}", ("" if place else label, part) if text else (f"── {label}",))
            for number, (label, text) in enumerate(self._card.lines)
            for place, part in enumerate(textwrap.wrap(text, _TEXT) or [""])
        )
        self.refresh_bar()
        self.summarise("e: sửa thông tin. F3: quyền, tên đăng nhập, giao việc, rời trường.")

    @property
    def _person(self) -> Staff:
        """Return the account as it is shown: what is changed is compared with it."""
        return self._card.person.staff if self._card else self.desk.staff(self.account)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to close what is open, and to open what is closed."""
        if action in _WHEN and not _WHEN[action](self._person):
            return False
        return super().check_action(action, parameters)

    def row_words(self) -> str:
        """Return whom the numbered list is about."""
        return f"{self._person.name} ({self.account})"

    def action_edit(self) -> None:
        """Correct the facts."""
        seen = self._person
        present = typed_facts(seen)

        def plan(typed: dict[str, str]) -> Plan:
            changes = {name: text for name, text in typed.items() if text.strip() != present[name]}
            return self._plan(seen, changes, f"Sửa thông tin của {seen.name}?", "lưu")

        fields = {name: (label, present[name]) for name, label in LABELS.items()}
        self.ask(f"Sửa thông tin: {seen.name}", fields, plan)

    def action_roles(self) -> None:
        """Tick the roles; what takes two people waits."""
        seen = self._person

        def chosen(roles: tuple[str, ...]) -> None:
            if set(roles) == set(seen.roles):
                self.note(f"Quyền của {seen.name} vẫn như cũ: {roles_in_words(seen)}.")
                return
            question = f"Đổi quyền của {seen.name}?"
            self.carry_out(lambda: self._plan(seen, {"roles": list(roles)}, question, "đổi quyền"))

        ask_roles(self, f"Quyền của {seen.name}", seen.roles, chosen)

    def action_login(self) -> None:
        """Give, change or take away the login."""
        seen = self._person

        def plan(typed: dict[str, str]) -> Plan:
            return self._plan(seen, {"system_user": typed["login"]}, f"Đổi tên đăng nhập của {seen.name}?", "đổi")

        fields = {"login": ("Tên đăng nhập máy chủ", seen.system_user or seen.key)}
        self.ask(f"Tên đăng nhập: {seen.name}", fields, plan, "Để trống: bỏ tên đăng nhập.")

    def _plan(self, seen: Staff, typed: Mapping[str, object], question: str, yes: str) -> Plan:
        """Return what a change of the account would do; what waits for a second person says so."""
        found = look_at_change(self.desk, self.account, typed, seen)
        wanted = self._wanted(found, typed)
        words = change_in_words(seen, wanted)
        if not words:
            raise Refused("Chưa sửa mục nào.", "Sửa rồi làm lại, hoặc Esc để thôi.")
        waits = waits_in_words(found)
        more = f" {waits[0].upper()}{waits[1:]}: hiệu trưởng, phó hiệu trưởng khác." if waits else ""

        def act() -> str:
            done = save_account(self.desk, self.account, typed, seen)
            told = f"Đã ghi đề nghị: {words}. Chờ người thứ hai xác nhận." if done.waiting else f"Đã lưu: {words}."
            return f"{told} {login_to_make(typed)}".strip()

        return Plan(question, f"{words}.{more} {login_to_make(typed)}".strip(), yes, act)

    def _wanted(self, found: Saved, typed: Mapping[str, object]) -> Staff:
        changes = {name: typed[name] for name in found.waiting}
        return Staff.from_fields(self.account, {**found.person.to_fields(), **changes})

    def action_leave_school(self) -> None:
        """Note that the person has left the school."""
        ask_leaving(self, self._person)

    def action_come_back(self) -> None:
        """Note that the person is back."""
        ask_return(self, self._person)

    def action_switch_off(self) -> None:
        """Switch the account off."""
        ask_off(self, self._person)

    def action_switch_on(self) -> None:
        """Switch the account on again."""
        ask_on(self, self._person)

    def action_ask_machine(self) -> None:
        """Ask the machine for a login, a new password, a new code, or to unlock the login."""
        ask_machine(self, self._person)

    def action_duty(self) -> None:
        """Give a duty by decision."""
        ask_duty(self, self._person)

    def action_end_duty(self) -> None:
        """End a duty by decision."""
        ask_end(self, self._person)

    def action_proposals(self) -> None:
        """Open what waits for a second person."""
        self.go("proposals")
