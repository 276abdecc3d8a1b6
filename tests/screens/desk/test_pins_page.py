"""Seals and issuers that are believed: seen, pinned from a file after a telephone call, taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.verify.trusting import Place, pins
from hocba_tui.screens.desk.pins import PinsPage
from hocba_tui.screens.dialogs import AskFields, Notice
from hocba_tui.screens.permitted import ACTIONS, SCREENS, permitted
from hocba_tui.widgets.rows import Rows
from tests.conftest import DeskAs, Open
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.rival import THEIRS, Rival
from tests.support.text_of import agree, choose, press_seen, screen_text, status, until_on


@pytest.fixture(scope="module")
def rival(issued_store: Path) -> Rival:
    return Rival(min((issued_store / "issued").glob("*.xml")).read_bytes())


@pytest.fixture
def received(rival: Rival, tmp_path: Path) -> Path:
    """A record that another school sealed."""
    path = tmp_path / "hoc-ba.xml"
    path.write_bytes(rival.file(rival.teacher, rival.principal, rival.other_seal, changed={"MA_TRUONG": THEIRS}))
    return path


def pinned(root: Path) -> list[str]:
    return [shown.sha256 for shown, _ in pins(Place.of_store(open_desk(root, "vanthu")))]


async def test_a_seal_is_pinned_after_its_number_was_compared_and_taken_away_again(
    open_app: Open, store_root: Path, rival: Rival, received: Path
) -> None:
    sha256 = rival.other_seal.sha256
    async with open_app("vanthu", "pins") as pilot:
        await choose(pilot, "Ghim từ một tệp")
        await until_on(pilot, AskFields)
        await press_seen(pilot, "end")
        await pilot.press(*str(received), "enter", *THEIRS, "f2")
        await until_on(pilot, AskFields)
        assert "SHA-256" in screen_text(pilot)
        await press_seen(pilot, "end")
        await pilot.press(*"00000000", "f2")
        await pilot.pause()
        assert "Không khớp" in screen_text(pilot)
        assert sha256 not in pinned(store_root)
        await pilot.press(*["backspace"] * 8, *sha256[-8:], "f2")
        await until_on(pilot, PinsPage)
        assert status(pilot).startswith("Đã ghim")
        assert sha256 in pinned(store_root)

        pilot.app.screen.query_one(Rows).go_to(f"{THEIRS}/{sha256}")
        await press_seen(pilot, "enter")
        await until_on(pilot, Notice)
        assert "vanthu ghim lúc" in " ".join(screen_text(pilot).replace("│", "").split())
        await press_seen(pilot, "enter")
        await until_on(pilot, PinsPage)
        await choose(pilot, "Gỡ ghim")
        await agree(pilot)
        await until_on(pilot, PinsPage)
        await pilot.app.workers.wait_for_complete()
        assert status(pilot).startswith("Đã gỡ ghim")
    assert sha256 not in pinned(store_root)


async def test_the_own_seal_stays(open_app: Open, store_root: Path) -> None:
    before = pinned(store_root)
    own = open_desk(store_root, "vanthu").school.seal_certificate
    assert own in before
    async with open_app("vanthu", "pins") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        rows.go_to(next(key for key, _ in rows.words() if key.endswith(own)))
        await choose(pilot, "Gỡ ghim")
        await agree(pilot)
        await until_on(pilot, Notice)
        assert "con dấu đã đăng ký của chính trường này" in " ".join(screen_text(pilot).replace("│", "").split())
    assert pinned(store_root) == before


@pytest.mark.parametrize(
    ("account", "sees"), [("vanthu", True), ("hieutruong", True), ("gv.5a", False), ("admin", False)]
)
def test_who_sees_them_and_pins(desk_as: DeskAs, account: str, *, sees: bool) -> None:
    desk = desk_as(account)
    assert permitted(desk, SCREENS["pins"]) == sees
    assert permitted(desk, ACTIONS["pins.add"]) == sees
