"""The settings of the school on the screen: each means something, is checked, and can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from hocba_tui.errors import Refused
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.settings import LABELS, change_settings, last_change, undo_setting
from hocba_tui.screens.desk.settings import SETTINGS, SettingsPage
from hocba_tui.screens.dialogs import AskFields, Choose, Confirm
from hocba_tui.widgets.rows import Rows
from tests.conftest import DeskAs, Open
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.text_of import press_seen, screen_text, status, until_on


def test_every_setting_has_a_row_and_every_row_fits() -> None:
    assert set(SETTINGS) == set(LABELS)
    for one in SETTINGS.values():
        assert len(one.label) <= 23
        assert len(one.meaning) + len(" Hiệu trưởng hoặc phó hiệu trưởng sửa.") < 145, "two lines"


async def open_row(pilot: Pilot[Any], name: str) -> None:
    page = pilot.app.screen
    assert isinstance(page, SettingsPage)
    page.query_one(Rows).go_to(name)
    await press_seen(pilot, "enter")


async def test_a_setting_is_changed_and_taken_back(open_app: Open, store_root: Path) -> None:
    before = open_desk(store_root, "admin").school.address
    async with open_app("admin", "settings") as pilot:
        await open_row(pilot, "address")
        await until_on(pilot, AskFields)
        assert "Địa chỉ của trường" in screen_text(pilot)
        await pilot.press("ctrl+u", *"Xom 9", "enter")
        await until_on(pilot, SettingsPage)
        assert open_desk(store_root, "admin").school.address == "Xom 9"
        assert "Đã đổi địa chỉ: Xom 9" in status(pilot)
        await press_seen(pilot, "f3")
        await press_seen(pilot, "1")
        await until_on(pilot, Confirm)
        assert "“Xom 9” về" in screen_text(pilot)
        await press_seen(pilot, "f7")
        await until_on(pilot, SettingsPage)
        assert status(pilot).startswith("Đã hoàn tác")
    assert open_desk(store_root, "admin").school.address == before


async def test_what_is_not_valid_is_said_in_the_form_and_changes_nothing(open_app: Open, store_root: Path) -> None:
    async with open_app("hieutruong", "settings") as pilot:
        await open_row(pilot, "deadline_completed")
        await until_on(pilot, AskFields)
        await pilot.press("ctrl+u", *"31/06/2026", "enter")
        assert "không phải là ngày" in screen_text(pilot)
        assert isinstance(pilot.app.screen, AskFields)
    assert last_change(open_desk(store_root, "admin"), "deadline_completed") is None


async def test_what_changes_every_record_is_asked_again_with_what_it_does(open_app: Open, store_root: Path) -> None:
    async with open_app("hieutruong", "settings") as pilot:
        await open_row(pilot, "profile")
        await until_on(pilot, Choose)
        await press_seen(
            pilot,
            "down",
        )
        await press_seen(pilot, "enter")
        await until_on(pilot, Confirm)
        assert "giữ định dạng của nó" in " ".join(screen_text(pilot).replace("│", "").split())
        await press_seen(pilot, "escape")
        await open_row(pilot, "code")
        await until_on(pilot, AskFields)
        await pilot.press("ctrl+u", *"37001009", "enter")
        await until_on(pilot, Confirm)
        assert open_desk(store_root, "admin").school.code != "37001009"
        await press_seen(pilot, "f7")
        await until_on(pilot, SettingsPage)
    school = open_desk(store_root, "admin").school
    assert (school.code, school.profile, len(school.former_codes)) == ("37001009", "hbs-1.0", 1)


async def test_only_heads_let_trusted_people_in_by_a_key_and_nobody_changes_the_year(open_app: Open) -> None:
    async with open_app("admin", "settings") as pilot:
        await open_row(pilot, "trusted_by_key")
        assert "do hiệu trưởng hoặc phó hiệu trưởng sửa" in status(pilot)
        await open_row(pilot, "year")
        assert "Sang năm học mới" in status(pilot)
    async with open_app("hieutruong", "settings") as pilot:
        await open_row(pilot, "trusted_by_key")
        await until_on(pilot, Choose)


async def test_time_stamps_come_and_go_with_xades(open_app: Open, store_root: Path) -> None:
    async with open_app("hieutruong", "settings") as pilot:
        await open_row(pilot, "timestamps")
        await until_on(pilot, AskFields)
        await pilot.press(*"http://tsa.example", "enter")
        await until_on(pilot, Confirm)
        await press_seen(pilot, "f7")
        await until_on(pilot, SettingsPage)
        assert open_desk(store_root, "admin").school.xades
        await press_seen(pilot, "f3")
        await press_seen(pilot, "1")
        await until_on(pilot, Confirm)
        await press_seen(pilot, "f7")
        await until_on(pilot, SettingsPage)
    school = open_desk(store_root, "admin").school
    assert (school.xades, school.timestamps) == (False, "")


async def test_each_row_is_whole_and_explained(open_app: Open) -> None:
    async with open_app("hieutruong", "settings") as pilot:
        for name, one in SETTINGS.items():
            pilot.app.screen.query_one(Rows).go_to(name)
            await pilot.pause()
            text = " ".join(screen_text(pilot).split())
            assert one.label in text
            assert one.meaning in text
            assert "sửa." in text


def test_undoing_twice_is_redoing_and_what_went_on_is_left(desk_as: DeskAs) -> None:
    admin = desk_as("admin")
    with pytest.raises(Refused, match="chưa ai sửa"):
        undo_setting(admin, "code")
    change_settings(admin, {"code": "37001009"})
    assert undo_setting(admin, "code").former_codes == ()
    assert undo_setting(admin, "code").code == "37001009"
    change_settings(admin, {"portal": "http://127.0.0.1:1", "address": "A"})
    change_settings(admin, {"portal": ""})
    with pytest.raises(Refused, match="sửa tiếp"):
        undo_setting(admin, "address")
