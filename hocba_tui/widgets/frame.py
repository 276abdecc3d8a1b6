"""The lines around every screen: school, person and place above, status and keys below."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.app import App, RenderResult
from textual.reactive import reactive
from textual.widget import Widget

_WRAPPED = 12
_CLAUSES = re.compile(r"(?<=[.;?!]) |(?<= ·) ")


def with_end(text: str, room: int) -> str:
    """Return ``text`` in at most ``room`` terminal cells: cut in the middle, its last clause is kept whole."""
    if cell_len(text) <= room:
        return text
    end = " " + _CLAUSES.split(text)[-1]
    head = room - cell_len(end) - 1
    return text if head < 1 else f"{set_cell_size(text, head).rstrip()}…{end}"


class TopBar(Widget):
    """School, person, day; in a training store the day is marked as not the real one."""

    DEFAULT_CSS = "TopBar { height: 1; dock: top; background: $primary; color: $text; text-style: bold; }"

    def __init__(self, left: str, right: str) -> None:
        super().__init__()
        self._left = left
        self._right = right

    def render(self) -> RenderResult:
        """Return the line, its right part aligned to the right."""
        room = self.size.width - cell_len(self._right) - 2
        left = Text(self._left)
        left.truncate(max(0, room), overflow="ellipsis", pad=True)
        return Text.assemble(" ", left, self._right, " ")


class Banner(Widget):
    """What the server has to say on every page, such as that somebody is logged in twice; usually nothing."""

    DEFAULT_CSS = "Banner { height: 1; display: none; background: $warning; color: $text; text-style: bold; }"

    def on_mount(self) -> None:
        """Follow what the app has to say."""
        if isinstance(self.app, BannerApp):
            self.watch(self.app, "banner", self._show)

    def _show(self, text: str) -> None:
        self.display = bool(text)
        self.refresh()

    def render(self) -> RenderResult:
        """Return the line; what to do, at its end, stays readable."""
        text = self.app.banner if isinstance(self.app, BannerApp) else ""
        return Text(f" {with_end(text, self.size.width - 2)}", no_wrap=True)


class BannerApp(App[None]):
    """An app that may have something to say on every page."""

    banner: reactive[str] = reactive("")


class Title(Widget):
    """Where the person is, as a path."""

    DEFAULT_CSS = "Title { height: 1; color: $text-accent; text-style: bold; padding: 0 1; }"

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = text

    @property
    def text(self) -> str:
        """Return the text."""
        return self._text

    def say(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.refresh()

    def render(self) -> RenderResult:
        """Return the line."""
        return Text(self._text, no_wrap=True, overflow="ellipsis")


class Status(Title):
    """The status above the keys: what is saved, what is wrong, what to do. Two lines; one in the grid.

    A text ends with what to do now. That stays readable when the text is too long.
    """

    DEFAULT_CSS = "Status { height: 2; color: $text; padding: 0 1; }"

    def render(self) -> RenderResult:
        """Return the text, wrapped."""
        width, lines = self.size
        # Wrapping at words leaves up to a word of each line but the last one empty.
        room = width * lines - _WRAPPED * (lines - 1)
        return Text(with_end(self._text, room), overflow="ellipsis")


class KeyBar(Widget):
    """The keys of the screen."""

    DEFAULT_CSS = "KeyBar { height: 1; dock: bottom; background: $panel; }"

    def __init__(self, keys: Iterable[tuple[str, str]], always: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = [_piece(*key) for key in keys]
        self._always = [_piece(*key) for key in always]

    def say(self, keys: Iterable[tuple[str, str]]) -> None:
        """Show other keys of the screen's own."""
        pieces = [_piece(*key) for key in keys]
        if pieces != self._keys:
            self._keys = pieces
            self.refresh()

    def render(self) -> RenderResult:
        """Return as many of the screen's own keys as fit completely, then those that work everywhere."""
        room = self.size.width - sum(piece.cell_len for piece in self._always[:2])
        line = Text(no_wrap=True)
        for piece in self._keys:
            if line.cell_len + piece.cell_len > room:
                break
            line.append_text(piece)
        for piece in self._always:
            if line.cell_len + piece.cell_len <= self.size.width:
                line.append_text(piece)
        return line


def _piece(key: str, label: str) -> Text:
    return Text.assemble(" ", (key, "bold reverse"), f" {label}")
