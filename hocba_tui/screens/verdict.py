"""The verdict on one file: its numbered steps, who signed, what the signed bytes say."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from hocba_tui.flow.desk import Desk
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.page import Page
from hocba_tui.widgets.frame import Title

if TYPE_CHECKING:
    from hocba_tui.flow.verify.files import Verified

_FRAME = 4
"""Cells beside the text: its margins and the scroll bar."""


class VerdictPage(Page):
    """One file of several; keys show the next one and the one before."""

    SCOPE = "verdict"
    BINDINGS = bindings_for("verdict")
    DEFAULT_CSS = "VerdictPage VerticalScroll { height: 1fr; scrollbar-size: 1 1; padding: 0 1; }"

    def __init__(self, desk: Desk, files: Sequence[Verified], index: int) -> None:
        super().__init__(desk)
        self._files = files
        self._index = index
        self._sections: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def body(self) -> ComposeResult:
        """Yield the scrolling text."""
        with VerticalScroll():
            yield Static(id="verdict", markup=False)

    def on_mount(self) -> None:
        """Show the file that was chosen."""
        self._turn(0)
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        """Break the lines again."""
        self._paint()

    def action_next(self) -> None:
        """Show the next file."""
        self._turn(1)

    def action_previous(self) -> None:
        """Show the file before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        from hocba_tui.flow.verify.browse import said_of, shown_name

        self._index = (self._index + step) % len(self._files)
        one = self._files[self._index]
        headline, sections = said_of(one)
        at = f"({self._index + 1}/{len(self._files)})"
        self.query_one("#title", Title).say(f"Kiểm tra tệp {at} › {shown_name(one.path)}")
        self._sections = sections
        self._paint()
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self.say(headline)

    def _paint(self) -> None:
        text = Text()
        for title, lines in self._sections:
            text.append(f"{title}\n", "bold")
            text.append("".join(f"{line}\n" for said in lines for line in self._broken(said)) + "\n")
        self.query_one("#verdict", Static).update(text)

    def _broken(self, said: str) -> list[str]:
        """Return a line as several that fit, the later ones further in."""
        inner = " " * (2 + len(said) - len(said.lstrip()))
        return textwrap.wrap(
            said.strip(), max(20, self.size.width - _FRAME), initial_indent=inner, subsequent_indent=f"{inner}  "
        )
