"""Read the screen's text as a person sees it."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from typing import Any

from textual.css.query import NoMatches
from textual.pilot import Pilot
from textual.screen import Screen

from hocba_tui.screens.dialogs import Confirm
from hocba_tui.screens.painted import PaintedScreen
from hocba_tui.screens.row_acts import RowActs
from hocba_tui.widgets.frame import KeyBar, Status, Title

LIMIT = 60.0
"""Seconds after which a test that hangs goes on to its assertion."""


def screen_text(pilot: Pilot[Any]) -> str:
    """Return the 24 lines of the screen."""
    width, height = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips()
    assert len(strips) == height
    return "\n".join(strip.text[:width].rstrip() for strip in strips)


def status(pilot: Pilot[Any]) -> str:
    """Return the status line."""
    return pilot.app.screen.query_one("#status", Status)._text


def title(pilot: Pilot[Any]) -> str:
    """Return the title line."""
    return pilot.app.screen.query_one("#title", Title)._text


def key_bar(pilot: Pilot[Any]) -> str:
    """Return the line of keys."""
    return str(pilot.app.screen.query_one(KeyBar).render())


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait until ``holds`` returns true, however busy the machine is; the test itself then asserts it."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        with contextlib.suppress(NoMatches, AssertionError):  # A page that is not laid out yet.
            if holds():
                break
        await pilot.pause(0.02)
    await pilot.pause()


async def until_on(pilot: Pilot[Any], screen: type[Screen[Any]]) -> None:
    """Wait until a screen of this kind is open."""
    await until(pilot, lambda: isinstance(pilot.app.screen, screen))


async def until_painted(pilot: Pilot[Any]) -> None:
    """Wait until the person sees the screen; only then do F7 and F8 listen."""
    await until(pilot, lambda: not isinstance(pilot.app.screen, PaintedScreen) or pilot.app.screen.painted)


async def press_seen(pilot: Pilot[Any], key: str) -> None:
    """Press a key as somebody who has seen the screen."""
    await until_painted(pilot)
    await pilot.press(key)
    await pilot.pause()


async def agree(pilot: Pilot[Any]) -> None:
    """Wait for a question, and say yes to it."""
    await until_on(pilot, Confirm)
    assert isinstance(pilot.app.screen, Confirm)
    await press_seen(pilot, "f7")


async def choose(pilot: Pilot[Any], act: str) -> None:
    """Choose an act by its number in the list of F3."""
    await press_seen(pilot, "f3")
    await until_on(pilot, RowActs)
    (number,) = re.findall(rf"(\d) {act} ", screen_text(pilot))
    await press_seen(pilot, number)
    await pilot.pause()
