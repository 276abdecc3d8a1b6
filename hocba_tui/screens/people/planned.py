"""Changes that are looked at before they are made: a form, what it will do, a yes; then what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.log.keeping import shown
from hocba_tui.screens.dialogs import AskFields, Confirm
from hocba_tui.screens.listed import ListPage

T = TypeVar("T")
_PLAIN = frozenset({
    "key", "system_user", "login", "email", "personal_id", "birth", "since", "until", "day", "last", "grades",
})  # fmt: skip
"""Lines of these forms that hold no Vietnamese: Telex would make gv.hoà of gv.hoaf."""


@dataclass(frozen=True)
class Plan:
    """What will be done, as it is asked."""

    question: str
    detail: str
    yes: str
    """What F7 will do, in a few words."""
    act: Callable[[], str]
    """Do it, and return what to say then."""


class PlannedForm(AskFields):
    """A form that asks once more with what it will do, and stays open until that is done."""

    def __init__(
        self, title: str, fields: Mapping[str, tuple[str, str]], plan: Callable[[dict[str, str]], Plan], note: str = ""
    ) -> None:
        super().__init__(title, fields, note, plain=_PLAIN)
        self._plan = plan
        self.said = ""

    def action_finish(self) -> None:
        """Ask; do it after a yes, and close. What is wrong is said here, and nothing that was typed is lost."""
        plan = self._attempt(lambda: self._plan(self.typed()))
        if plan is None:
            return

        def answered(sure: bool | None) -> None:
            said = self._attempt(plan.act) if sure else None
            if said is not None:
                self.said = said
                self.dismiss(self.typed())

        self.show_problem("")
        self.app.push_screen(Confirm(plan.question, plan.detail, plan.yes), answered)

    def _attempt(self, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except HocbaError as error:
            shown(error)
            self.show_problem(f"{error.what} {error.now}".strip())
            return None


class PlannedPage(ListPage):
    """A page whose acts are planned, and which says what was done."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._news = ""
        """What was done last, until the person does something else."""

    def summarise(self, text: str) -> None:
        """Say what was done, also when the page reads itself again; afterwards what the page shows."""
        super().summarise(self._news or text)

    def note(self, said: str) -> None:
        """Say what was done, or why nothing was, whether the page has come back from a dialog yet or not."""
        self._news = said
        self.summarise(said)

    def go(self, screen: str, **params: str) -> None:
        """Go to another page; what was done here is then said no more."""
        self._news = ""
        super().go(screen, **params)

    def ask(
        self, title: str, fields: Mapping[str, tuple[str, str]], plan: Callable[[dict[str, str]], Plan], note: str = ""
    ) -> None:
        """Open a form; what it has done is said when the page comes back."""
        form = PlannedForm(title, fields, plan, note)
        self._news = ""

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                self.note(form.said)

        self.app.push_screen(form, answered)

    def carry_out(self, make: Callable[[], Plan]) -> None:
        """Ask, and do it after a yes."""
        self._news = ""
        plan = self.attempt(make)
        if plan is None:
            return

        def answered(sure: bool | None) -> None:
            if sure and (said := self.attempt(plan.act)) is not None:
                self.note(said)

        self.app.push_screen(Confirm(plan.question, plan.detail, plan.yes), answered)
