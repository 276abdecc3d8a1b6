"""One key, one meaning on all pages; help and manual name every key; keys of the version before only answer."""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from pathlib import Path

import pytest
from textual.app import App
from textual.binding import Binding

from hocba_tui.screens.actions import (
    ACTIONS,
    EVERYWHERE,
    LIST_SCOPES,
    OLD_KEYS,
    PLACES,
    TEXT_BOX_SCOPES,
    actions_for,
    bindings_for,
)
from hocba_tui.screens.help import HelpPage
from hocba_tui.screens.keys import Meaning, key_name
from hocba_tui.screens.listed import ListPage
from hocba_tui.screens.names import SCREENS
from hocba_tui.screens.page import Page
from hocba_tui.widgets.rows import Rows
from tests.conftest import Open
from tests.support.table import table
from tests.support.text_of import key_bar, press_seen, screen_text, status

MANUAL = Path(__file__).parents[2] / "docs" / "huong-dan.md"
VALUES = {*"thcdđTHCDĐ0123456789,.", "comma", "full_stop"}
SCOPES = sorted({action.scope for action in ACTIONS})
FINAL = {
    "review.submit", "signing.sign", "signing.send_back", "queue.sign", "outbox.send", "round.open_round",
    "proposals.confirm",
}  # fmt: skip
"""What F7 and F8 do: it cannot be taken back, or leads to what cannot be."""


def bound(scope: str) -> set[str]:
    """Return every key to which something is bound on a page."""
    bindings = [*bindings_for(scope), *bindings_for(EVERYWHERE)]
    return {key for binding in bindings if isinstance(binding, Binding) for key in binding.key.split(",")}


def test_action_ids_are_unique_and_no_key_is_taken_twice_on_a_screen() -> None:
    ids = [action.id for action in ACTIONS]
    assert len(set(ids)) == len(ids)
    for scope in set(SCOPES) - {EVERYWHERE}:
        keys = [key for action in actions_for(scope) if action.key for key in action.keys]
        assert len(set(keys)) == len(keys), scope


def test_a_key_means_the_same_on_all_pages() -> None:
    meanings = defaultdict(set)
    for action in ACTIONS:
        for key in action.key.split(",") if action.key else ():
            if action.meaning is Meaning.OWN:
                assert action.scope in TEXT_BOX_SCOPES
                assert re.match(r"f[2-6],", action.key)
            else:
                meanings[key].add(action.meaning)
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}


def test_a_meaning_has_the_same_key_on_all_pages() -> None:
    keys = defaultdict(set)
    for action in ACTIONS:
        if action.key and action.meaning not in (Meaning.OWN, Meaning.STEP):
            keys[action.meaning].add(action.key)
    assert {meaning: found for meaning, found in keys.items() if len(found) > 1} == {}


@table("scope", SCOPES)
def test_a_key_that_is_a_value_in_the_grid_is_a_command_nowhere(scope: str) -> None:
    assert not bound(scope) & VALUES


def test_what_cannot_be_taken_back_has_no_letter_and_is_final() -> None:
    assert {action.id for action in ACTIONS if action.final} == FINAL
    for action in ACTIONS:
        if action.meaning in (Meaning.DO, Meaning.REFUSE):
            assert action.final, action.id
            assert all(len(key) > 1 for key in action.keys), action.id


def test_rare_acts_are_reached_through_the_numbered_list_alone() -> None:
    for action in ACTIONS:
        if action.listed:
            assert not action.key
            assert any(found.id == f"{action.scope}.choose" for found in ACTIONS), action.id
    assert {action.id for action in ACTIONS if action.listed} == {
        "classes.assign", "classes.issued", "roster.admit", "roster.depart", "roster.come_back", "roster.change_class",
        "card.years", "periods.window", "verdict.pin", "proposals.withdraw", "roster.log", "settings.undo",
        "doctor.backup", "doctor.check", "classes.add", "classes.change", "certificates.register",
        "certificates.pins", "pins.add", "pins.remove",
        "activity.days", "activity.person", "activity.room", "activity.pupil", "activity.everything", "activity.again",
        "assignments.several", "staff.add", "staff.logins", "staff.proposals", "person.roles", "person.login",
        "person.ask_machine", "person.duty", "person.end_duty", "person.leave_school", "person.come_back",
        "person.switch_off", "person.switch_on", "person.proposals",
    }  # fmt: skip


def test_function_keys_have_a_second_way_and_no_key_is_one_that_terminals_take() -> None:
    for action in ACTIONS:
        keys = action.keys
        if any(key.startswith("f") and key[1:].isdigit() for key in keys):
            assert len(keys) > 1, action.id
        taken = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+a", "f11"}
        assert "ctrl+s" not in keys or action.id == "everywhere.saved"  # It may freeze the terminal; it only tells.
        assert not taken & set(keys), action.id
        assert "ctrl+z" not in keys or action.scope in ("grid", "intake")


def test_capital_letters_do_what_small_ones_do() -> None:
    for scope in SCOPES:
        letters = {key for key in bound(scope) if len(key) == 1 and key.isalpha()}
        assert letters == {key.upper() for key in letters} | {key.lower() for key in letters}


def test_a_key_of_the_version_before_is_bound_to_nothing() -> None:
    for scope, keys in OLD_KEYS.items():
        assert not bound(scope) & set(keys), scope
        new_keys = {key_name(key) for action in actions_for(scope) for key in action.keys}
        assert set(keys.values()) <= new_keys, scope


@pytest.mark.parametrize(
    ("account", "screen", "key", "new"),
    [
        ("gv.5a", "submit", "k", "F7"),
        ("gv.5a", "submit", "K", "F7"),
        ("hieutruong", "approve_class", "t", "F8"),
        ("gv.5a", "roster", "d", "F3"),
        ("gv.5a", "grid", "l", "e"),
    ],
)
async def test_a_key_of_the_version_before_answers_and_does_nothing(
    open_app: Open, account: str, screen: str, key: str, new: str
) -> None:
    async with open_app(account, screen, class_key="5A") as pilot:
        page = pilot.app.screen
        await press_seen(pilot, key)
        assert pilot.app.screen is page
        assert status(pilot) == f"Phím này nay là {new}."


async def test_a_key_that_nothing_takes_is_answered(open_app: Open) -> None:
    async with open_app("gv.5a", "review", class_key="5A") as pilot:
        for key, shown in (("z", "z"), ("Z", "Z"), ("đ", "đ"), ("f8", "F8"), ("9", "9")):
            await press_seen(pilot, key)
            assert status(pilot) == f"Phím {shown} không dùng ở đây; ? xem các phím."
        await press_seen(pilot, "L")
        assert "(chỉ điều phải sửa)" in screen_text(pilot)


async def test_in_a_list_space_goes_to_the_next_row_and_slash_finds_one(open_app: Open) -> None:
    async with open_app("gv.5a", "roster", class_key="5A") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        names = [words for _, words in rows.words()]
        await pilot.press("space", "space")
        assert rows.list.highlighted == 2
        wanted = next(n for n, words in enumerate(names) if n > 5 and not any(words in name for name in names[:n]))
        await pilot.press("slash", *names[wanted].lower(), "enter")
        await pilot.pause()
        assert rows.list.highlighted == wanted
        await pilot.press("end", "space")
        await pilot.pause()
        assert status(pilot) == "Đây là dòng cuối."


async def test_n_goes_to_the_next_error_and_to_the_next_record_that_stays(open_app: Open) -> None:
    async with open_app("gv.5a", "review", class_key="5A") as pilot:
        await pilot.press("end", "n")
        await pilot.pause()
        assert pilot.app.screen.query_one(Rows).list.highlighted == 0
        assert "phải sửa" in screen_text(pilot)
    async with open_app("gv.5a", "submit", class_key="5A") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        await pilot.press("n")
        await pilot.pause()
        first = rows.chosen
        texts = dict(rows._rows)[first]
        assert texts[2]
        await pilot.press("n")
        assert rows.chosen != first


async def test_ctrl_s_says_what_is_saved_and_takes_no_key_from_the_cell(open_app: Open) -> None:
    async with open_app("gv.5a", "roster", class_key="5A") as pilot:
        await press_seen(pilot, "ctrl+s")
        assert "không có gì chờ lưu" in status(pilot)
    async with open_app("gv.5a", "grid", class_key="5A", sheet="TOAN") as pilot:
        await press_seen(pilot, "ctrl+s")
        assert status(pilot) == "Chưa có ô nào gõ ở đây. Gõ là lưu ngay, không cần bấm gì."


async def test_a_refused_key_rings_until_the_person_switches_it_off(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = []
    monkeypatch.setattr(App, "bell", lambda _: rung.append(True))
    async with open_app("gv.5a", "review", class_key="5A") as pilot:
        await press_seen(pilot, "z")
        assert len(rung) == 1
        await pilot.press("colon", *"chuong", "enter")
        await pilot.pause()
        assert status(pilot) == "Chuông khi phím không dùng được: tắt."
        await press_seen(pilot, "z")
        assert len(rung) == 1
    async with open_app("gv.5a", "review", class_key="5A") as pilot:
        await press_seen(pilot, "z")
        assert len(rung) == 1


def test_every_page_with_a_list_has_the_keys_of_lists() -> None:
    pages = [load(name) for name in SCREENS]
    assert {page.SCOPE for page in pages if issubclass(page, ListPage)} == LIST_SCOPES


def load(name: str) -> type[Page]:
    module, _, cls = SCREENS[name].partition(":")
    found: type[Page] = getattr(importlib.import_module(f"hocba_tui.screens.{module}"), cls)
    return found


async def test_what_is_typed_into_a_box_is_no_command_and_not_answered(open_app: Open) -> None:
    async with open_app("vanthu", "intake") as pilot:
        before = status(pilot)
        await pilot.press(*"zkK")
        await pilot.pause()
        assert status(pilot) == before
        assert "zkK" in screen_text(pilot)


@pytest.mark.parametrize("scope", [*SCOPES[1:], ""])
async def test_help_shows_every_entry_whole_at_80_columns(open_app: Open, scope: str) -> None:
    async with open_app("gv.5a", "help", scope=scope) as pilot:
        page = pilot.app.screen
        assert isinstance(page, HelpPage)
        rows = page.query_one(Rows)
        found: dict[str, list[str]] = {}
        for key, texts in rows._rows:
            entry = found.setdefault(key.partition(".")[0], ["", "", ""])
            line = rows._line(texts)
            assert len(line) <= 77
            for place, text in enumerate(texts):
                assert text in line  # It was not cut.
                entry[place] = f"{entry[place]} {text}".strip()
        shown = [tuple(entry) for entry in found.values()]
        for action in actions_for(scope):
            keys = ", ".join(key_name(key) for key in action.keys)
            assert (keys, action.label, action.help) in shown


async def test_the_bar_shows_keys_that_fit_and_names_what_f7_does(open_app: Open) -> None:
    async with open_app("gv.5a", "review", class_key="5A") as pilot:
        assert key_bar(pilot).startswith(" F7 Nộp lớp 5A (")


# --- the manual ------------------------------------------------------------------------------------


def written(keys: tuple[str, ...]) -> str:
    """Return keys as the manual writes them."""
    names = (f"Ctrl+{key[5:].upper()}" if key.startswith("ctrl+") else key_name(key) for key in keys)
    return ", ".join(f"`{name}`" for name in names)


def meanings_table() -> str:
    """Return the manual's table of meanings."""
    keys: dict[Meaning, dict[str, None]] = {}
    for action in ACTIONS:
        if action.key and action.meaning is not Meaning.OWN:
            keys.setdefault(action.meaning, {}).update(dict.fromkeys(action.keys))
    rows = [f"| {written(tuple(keys[meaning]))} | {meaning.value} |" for meaning in Meaning if meaning in keys]
    return "\n".join(["| Phím | Nghĩa, ở màn hình nào cũng vậy |", "|---|---|", *rows])


def pages_table() -> str:
    """Return the manual's table of all actions, page by page."""
    rows = [
        f"| {place if not number else ''} | {written(action.keys)} | {action.label} | {action.help} |"
        for scope, place in PLACES.items()
        for number, action in enumerate(found for found in ACTIONS if found.scope == scope)
    ]
    return "\n".join(["| Ở đâu | Phím | Việc | Giải thích |", "|---|---|---|---|", *rows])


def test_every_page_with_keys_has_a_name_in_the_manual() -> None:
    assert set(PLACES) == set(SCOPES)


def test_the_manual_has_the_meaning_of_every_key() -> None:
    assert meanings_table() in MANUAL.read_text(encoding="utf-8"), meanings_table()


def test_the_manual_has_every_action_with_its_keys() -> None:
    assert pages_table() in MANUAL.read_text(encoding="utf-8"), pages_table()
