"""No screen shows a pupil of a class to who may not see the class, whatever screen is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.screens.names import SCREENS
from hocba_tui.screens.page import Page
from tests.conftest import Open
from tests.support.actors import OWN, SUBJECT, add_actors
from tests.support.text_of import screen_text

OF_A_CLASS = {
    "roster",
    "grid",
    "card",
    "review",
    "missing",
    "submit",
    "approve_class",
    "seal_class",
    "issued",
    "receipts",
}
"""The screens that take the key of a class."""
OF_A_PUPIL = {"card"}
OTHERS = {
    "home", "classes", "owing", "approve", "seal", "outbox", "verify", "statistics", "intake", "round", "periods",
    "proposals", "doctor", "activity", "help", "staff", "person", "assignments", "settings", "certificates", "pins",
}  # fmt: skip
"""The others: what they show of classes goes through those that the account may see."""


def test_every_screen_is_in_a_row() -> None:
    assert set(SCREENS) == OF_A_CLASS | OTHERS


@pytest.mark.parametrize("account", ["gv.4a", "gv.moi"])
async def test_a_stranger_is_shown_no_pupil_of_another_class(open_app: Open, store_root: Path, account: str) -> None:
    add_actors(store_root)
    head = open_desk(store_root, "hieutruong")
    pupils = head.pupils("5A")
    own = {pupil.name for pupil in head.pupils("4A")}
    names = {pupil.name for pupil in pupils} - own
    assert len(names) > 20
    told: list[str] = []
    async with open_app(account) as pilot:
        page = pilot.app.screen
        assert isinstance(page, Page)
        for name in SCREENS:
            params = {"class_key": "5A"} if name in OF_A_CLASS else {}
            if name in OF_A_PUPIL:
                params["pupil"] = pupils[0].key
            page.go(name, **params)
            await pilot.pause()
            await pilot.pause()
            text = " ".join(screen_text(pilot).split())
            told += [f"{name}: {each}" for each in names if each in text]
            for _ in pilot.app.screen_stack[pilot.app.screen_stack.index(page) + 1 :]:
                pilot.app.pop_screen()
            await pilot.pause()
    assert told == []


@pytest.mark.parametrize("account", [OWN, SUBJECT])
async def test_who_may_see_the_class_is_shown_its_pupils(open_app: Open, store_root: Path, account: str) -> None:
    add_actors(store_root)
    pupil = open_desk(store_root, "hieutruong").pupils("5A")[0]
    async with open_app(account, "roster", class_key="5A") as pilot:
        assert pupil.name in screen_text(pilot)
