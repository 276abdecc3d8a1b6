"""The table of screens: who opens which, in the own class and in another, and to whom which action is offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.opening import open_desk
from hocba_tui.rules.permits import Act, may
from hocba_tui.screens.actions import ACTIONS, EVERYWHERE, LISTS
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.names import SCREENS
from hocba_tui.screens.page import Page
from hocba_tui.screens.permitted import ACTIONS as OFFERED
from hocba_tui.screens.permitted import SCREENS as OPENED
from hocba_tui.screens.permitted import permitted
from hocba_tui.screens.verdict import VerdictPage
from tests.conftest import Open
from tests.support.actors import ACTORS, add_actors
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here

LEFT = "ht.cu"
OWN, OTHER = "5A", "4A"
CLASS, SCHOOL = "class", "school"

TABLE: dict[str, tuple[str, Act | None]] = {
    "home": (SCHOOL, None), "help": (SCHOOL, None), "classes": (SCHOOL, None), "proposals": (SCHOOL, None),
    "doctor": (SCHOOL, None), "intake": (SCHOOL, None), "activity": (SCHOOL, None),
    "certificates": (SCHOOL, None), "pins": (SCHOOL, Act.VERIFY),
    "roster": (CLASS, Act.VIEW_CLASS), "grid": (CLASS, Act.VIEW_CLASS), "card": (CLASS, Act.VIEW_CLASS),
    "review": (CLASS, Act.VIEW_CLASS), "missing": (CLASS, Act.VIEW_CLASS), "issued": (CLASS, Act.VIEW_CLASS),
    "owing": (SCHOOL, Act.VIEW_CLASS), "submit": (CLASS, Act.SUBMIT), "approve": (SCHOOL, Act.APPROVE),
    "approve_class": (CLASS, Act.APPROVE), "seal": (SCHOOL, Act.ISSUE), "seal_class": (CLASS, Act.ISSUE),
    "outbox": (SCHOOL, Act.SEND), "receipts": (CLASS, Act.SEND), "verify": (SCHOOL, Act.VERIFY),
    "staff": (SCHOOL, Act.MANAGE_STAFF), "person": (SCHOOL, Act.MANAGE_STAFF),
    "assignments": (SCHOOL, Act.VIEW_CLASS),
    "statistics": (SCHOOL, Act.REPORT), "round": (SCHOOL, Act.OPEN_ROUND), "periods": (SCHOOL, Act.OPEN_PERIOD),
    "settings": (SCHOOL, Act.SET_SCHOOL),
}  # fmt: skip
"""Each screen, whether it is of a class, and the act that opens it; None: everybody, it shows what is one's own."""

BY_FLOW = "flow asks in each cell, file or row"
FOLLOWS = "whoever may open the screen"
ACTS: dict[str, Act | str] = {
    "classes.excel": Act.EXPORT, "classes.intake": BY_FLOW,
    "roster.edit": Act.IMPORT_PUPILS, "roster.intake": Act.IMPORT_PUPILS, "roster.admit": Act.IMPORT_PUPILS,
    "roster.depart": Act.IMPORT_PUPILS, "roster.come_back": Act.IMPORT_PUPILS,
    "roster.change_class": Act.IMPORT_PUPILS, "roster.excel": Act.EXPORT, "card.years": Act.IMPORT_PUPILS,
    "doctor.backup": Act.LOOK_AFTER, "doctor.check": Act.LOOK_AFTER,
    "classes.add": Act.MANAGE_CLASSES, "classes.change": Act.MANAGE_CLASSES,
    "roster.log": Act.READ_LOG, "review.submit": Act.SUBMIT, "issued.export": Act.EXPORT, "verdict.pin": Act.PIN,
    "pins.add": Act.PIN, "pins.remove": Act.PIN, "certificates.pins": Act.VERIFY,
    **dict.fromkeys(("assignments.edit", "assignments.several", "person.duty", "person.end_duty"), Act.ASSIGN),
    **dict.fromkeys(
        ("grid.undo", "grid.redo", "grid.edit", "grid.fill", "grid.empty", "grid.paste", "grid.clash", "grid.intake",
         "intake.apply", "intake.undo", "certificates.register", "proposals.confirm", "proposals.withdraw"),
        BY_FLOW,
    ),
    **dict.fromkeys(
        ("signing.sign", "signing.send_back", "signing.stop", "queue.sign", "queue.stop", "outbox.send",
         "statistics.export", "statistics.classes", "verdict.report", "round.open_round", "periods.open",
         "periods.window", "settings.undo", "staff.add", "staff.logins", "staff.intake", "person.edit", "person.roles",
         "person.login",
         "person.ask_machine", "person.leave_school", "person.come_back",
         "person.switch_off", "person.switch_on"),
        FOLLOWS,
    ),
}  # fmt: skip
"""Each action that changes something or lets it out, and the act that it needs."""
_LOOKING = {
    "open", "review", "grid", "missing", "issued", "choose", "card", "gap", "sheet", "period", "select", "find",
    "finding", "copy", "column", "direction", "next", "previous", "enter", "error", "errors", "mine", "teachers",
    "staying", "kind", "stop", "filter", "classes", "room", "subject", "excel", "edit", "intake", "proposals", "assign",
    "what", "days", "person", "pupil", "everything", "again",
}  # fmt: skip
"""Names of actions that only go somewhere or show something; a new one is put in ACTS or here."""
LOOKING_TOO = {"review.edit", "missing.edit", "owing.edit"}
"""They lead to the cell."""


def test_every_screen_and_every_action_is_in_a_row() -> None:
    assert set(TABLE) == set(SCREENS)
    assert set(OPENED) == {name for name, (_, act) in TABLE.items() if act}
    found = {action.id for action in ACTIONS if action.scope not in (EVERYWHERE, LISTS)}
    assert set(ACTS) <= found
    strange = {
        name for name in found - set(ACTS) - LOOKING_TOO
        if name.partition(".")[2] not in _LOOKING or name.endswith((".edit", ".intake")) or name == "intake.excel"
    }  # fmt: skip
    assert strange == {"intake.excel"}, "say who may; the preview that is saved is one's own"
    assert set(OFFERED) == {name for name, act in ACTS.items() if isinstance(act, Act)}


def allowed(desk: Desk, act: Act | None, where: str, room: str) -> bool:
    """Return what the table of permissions says, of the class or of any."""
    if act is None:
        return True
    rooms = [desk.classroom(room)] if where == CLASS else [None, *desk.classrooms()]
    return any(may(desk.actor, act, each, on=desk.clock.today()).allowed for each in rooms)


def desk_of(head: Desk, account: str) -> Desk:
    return Desk(head.store, account, head.clock, head.root)


@pytest.mark.parametrize("account", [account for account in ACTORS if account != LEFT])
async def test_each_opens_what_the_table_says_and_is_told_otherwise(
    open_app: Open, store_root: Path, account: str
) -> None:
    add_actors(store_root)
    head = open_desk(store_root, "hieutruong")
    actor = desk_of(head, account)
    wrong: list[str] = []
    async with open_app(account) as pilot:
        app: App[Any] = pilot.app
        first = app.screen
        assert isinstance(first, Page)
        home: Page = first
        for name, (where, act) in TABLE.items():
            for room in (OWN, OTHER) if where == CLASS else ("",):
                params = {"class_key": room} if room else {}
                if name == "card":
                    params["pupil"] = head.pupils(room)[0].key
                home.go(name, **params)
                await pilot.pause()
                await pilot.pause()
                above = app.screen_stack[app.screen_stack.index(home) + 1 :]
                opened = SCREENS[name].rpartition(":")[2] in {type(screen).__name__ for screen in above}
                expected = allowed(actor, act, where, room)
                if opened != expected:
                    wrong.append(f"{name} {room}: {'opens' if opened else 'stays shut'}")
                if not opened and not isinstance(app.screen, Notice) and name != "home":
                    wrong.append(f"{name} {room}: says nothing")
                for page in above:
                    if isinstance(page, Page):
                        wrong += offered_wrongly(page, actor, room)
                while app.screen is not home:
                    app.pop_screen()
                await pilot.pause()
    assert wrong == []


def offered_wrongly(page: Page, actor: Desk, room: str) -> list[str]:
    """Return the actions of a page that are offered to who may not, or not to who may."""
    wrong = []
    for name, act in ACTS.items():
        scope, _, action = name.partition(".")
        if scope == page.SCOPE and isinstance(act, Act):
            expected = allowed(actor, act, CLASS if room else SCHOOL, room)
            if bool(page.check_action(action, ())) != expected:
                wrong.append(f"{name} {room}: {'not offered' if expected else 'offered'}")
    return wrong


@pytest.mark.parametrize("account", ["to.truong", "to.congtac", "to.cu", "hieutruong", "vanthu"])
def test_pinning_is_offered_to_who_may(store_root: Path, account: str) -> None:
    add_actors(store_root)
    desk = open_desk(store_root, account)
    expected = may(desk.actor, Act.PIN, on=desk.clock.today()).allowed
    assert bool(VerdictPage(desk, (), 0).check_action("pin", ())) == expected
    assert permitted(desk, OFFERED["verdict.pin"]) == expected


async def test_who_loses_the_permission_loses_the_keys_of_the_open_page(open_app: Open, store_root: Path) -> None:
    from hocba_tui.flow.desk import STAFF
    from hocba_tui.store.backend import Edit

    add_actors(store_root)
    async with open_app("gv.5a", "roster", class_key="5A") as pilot:
        page = pilot.app.screen
        assert isinstance(page, Page)
        assert page.check_action("edit", ())
        shard = open_desk(store_root, "hieutruong").school_shard
        shard.change("x", "test", [Edit(STAFF, "gv.5a", "left", None, "2026-06-01")])
        assert not page.check_action("edit", ())
        page.go("grid", class_key="5A")
        await pilot.pause()
        await pilot.pause()
        assert isinstance(pilot.app.screen, Notice)
