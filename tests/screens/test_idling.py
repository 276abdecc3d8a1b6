"""The program on a person's own computer ends, too, when nobody is there: a pupil may sit down at it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from hocba_tui.app import HocbaApp
from hocba_tui.cli import open as screen
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.place import take_place
from tests.support.text_of import screen_text, until


@pytest.mark.parametrize("training", [True, False])
async def test_who_presses_no_key_is_warned_and_leaves_with_the_place_kept(
    store_root: Path, monkeypatch: pytest.MonkeyPatch, training: bool
) -> None:
    monkeypatch.setattr(HocbaApp, "ends_idle", not training)
    app = HocbaApp(open_desk(store_root, "gv.5a"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("home", "enter")
        await pilot.pause()
        looks = [timer for timer in app._timers if getattr(timer._callback, "__name__", "") == "look"]
        assert len(looks) == (0 if training else 1)
        if training:
            return
        seconds = 0.0
        app._idleness._now = lambda: seconds
        app._idleness.end()
        app._idleness._looked = 0.0
        while seconds < 14 * 60 + 10:
            seconds += 10
            app.look()
        await pilot.pause()
        assert "sắp đóng vì lâu không có phím nào" in screen_text(pilot)
        while seconds < 15 * 60:
            seconds += 10
            app.look()
        assert "Lâu không có phím nào được bấm" in app.parting
        await until(pilot, lambda: not app.is_running)
    assert take_place(open_desk(store_root, "gv.5a")) is not None


def test_only_training_goes_on_without_end(store_root: Path) -> None:
    desk = open_desk(store_root, "gv.5a")
    assert not HocbaApp(desk).ends_idle
    app = HocbaApp(desk)
    app.desk = SimpleNamespace(school=replace(desk.school, training=False))  # type: ignore[assignment]
    assert app.ends_idle


def test_what_is_said_stands_on_the_terminal_afterwards(
    store_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(HocbaApp, "run", lambda app, **_: app.part("idle"))
    monkeypatch.setattr(HocbaApp, "hang_up", lambda _: None)
    options = SimpleNamespace(store=str(store_root), account="gv.5a", portal="", user=None, by_key=False)
    assert screen.run(options) == 0  # type: ignore[arg-type]
    assert capsys.readouterr().out.startswith("hocba: Lâu không có phím nào được bấm nên chương trình đóng lại.")
