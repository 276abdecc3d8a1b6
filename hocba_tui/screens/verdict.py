"""The verdict on one file: its numbered steps, who signed, what the signed bytes say."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.handing_out import offered, place_of
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.page import Page
from hocba_tui.widgets.frame import Title

if TYPE_CHECKING:
    from hocba_tui.flow.verify.files import Verified

PHONE = "Gọi trường ấy theo số đã biết từ trước, nhờ đọc SHA-256 của con dấu."
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

    def action_report(self) -> None:
        """Write the verdict on this file to a text file."""
        from hocba_tui.flow.verify.report_file import save_report

        one = self._files[self._index]

        def answered(typed: dict[str, str] | None) -> None:
            if typed and typed["file"].strip():
                path = self.attempt(lambda: place_of(self.desk, typed["file"]))
                if path and self.attempt(lambda: save_report(path, [one], self.desk)):
                    self.tell_written("Đã ghi báo cáo", path)

        fields = {"file": ("Ghi vào tệp", offered(self.desk, f"kiem-tra-{one.path.stem[:40]}.txt"))}
        note = "Báo cáo có dữ liệu của học sinh: giữ như giữ học bạ."
        self.app.push_screen(AskFields("Ghi báo cáo kiểm tra", fields, note, as_typed=True), answered)

    def action_pin(self) -> None:
        """Pin the seal on this file, after its fingerprint was compared by telephone; judge the file again."""
        from hocba_tui.flow.verify.trusting import Place, pin_seal, same_fingerprint, seal_in

        path, place = self._files[self._index].path, Place.of_store(self.desk)
        shown = self.attempt(lambda: seal_in(place, path))
        if shown is None:
            return

        def check(typed: dict[str, str]) -> str | None:
            if same_fingerprint(shown, typed["digits"]):
                return None
            return "Không khớp với con dấu trên tệp này. Đừng ghim khi chưa khớp."

        def answered(typed: dict[str, str] | None) -> None:
            if typed and self.attempt(lambda: pin_seal(place, path, shown, typed["code"].strip())):
                self._again(path)

        fields = {"code": ("Mã trường", shown.code), "digits": ("8 chữ số cuối", "")}
        note = "\n".join((*shown.lines, PHONE))
        form = AskFields("Ghim con dấu", fields, note, as_typed=True, check=check)
        self.app.push_screen(form, answered)

    def _again(self, path: Path) -> None:
        """Judge the file that is shown again, on what is pinned now."""
        from hocba_tui.flow.verify.browse import verify_listed

        found = self.attempt(lambda: list(verify_listed(self.desk, [path], lambda: False, any_xml=False)))
        if found:
            self._files = [*self._files[: self._index], *found, *self._files[self._index + 1 :]]
            self._turn(0)

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
