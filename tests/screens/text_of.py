"""Read the screen as a person does."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from hocba_tui.widgets.frame import Status, Title


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
