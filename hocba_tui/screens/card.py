"""The pupil's whole card, in the order of the paper form."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.pupils.past_years import LABELS, remove_year, typed_row, write_year
from hocba_tui.flow.reports.card import CardLine, card
from hocba_tui.model.pupil import Pupil, SchoolYearRow
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Choose
from hocba_tui.screens.grid.places import whole_class_options
from hocba_tui.screens.page import Page
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.grid_model import fit

_LABEL = 30
_PERIOD = 11


class CardPage(Page):
    """One pupil of a class; one key shows the next pupil or the previous one."""

    SCOPE = "card"
    BINDINGS = bindings_for("card")
    DEFAULT_CSS = "CardPage VerticalScroll { height: 1fr; scrollbar-size: 1 1; padding: 0 1; }"

    def __init__(self, desk: Desk, class_key: str, pupil: str) -> None:
        super().__init__(desk)
        self.class_key = class_key
        self._pupils = desk.pupils(class_key, with_left=True)
        self._index = next(n for n, found in enumerate(self._pupils) if found.key == pupil)

    def hint(self) -> str:
        """Return what to do here."""
        return "↑ ↓: cuộn; ← →: em trước, em sau. e: nhập kết quả của em này. Sửa thông tin ở danh sách lớp."

    def body(self) -> ComposeResult:
        """Yield the scrolling text."""
        with VerticalScroll():
            yield Static(id="card", markup=False)

    def action_next(self) -> None:
        """Show the next pupil."""
        self._turn(1)

    def action_previous(self) -> None:
        """Show the previous pupil."""
        self._turn(-1)

    def action_enter(self) -> None:
        """Choose a grid of the class, and go to this pupil's row in it."""
        pupil, room = self._pupils[self._index], self.desk.classroom(self.class_key)
        if not pupil.studying:
            self.say(f"{pupil.name} đã chuyển đi.")
            return

        def answered(key: str | None) -> None:
            if key:
                self.go("grid", class_key=self.class_key, sheet=key, pupil=pupil.key)

        self.app.push_screen(Choose(f"Nhập cho {pupil.name}", whole_class_options(room)), answered)

    def on_screen_resume(self) -> None:
        """Show the pupil's present data."""
        self._show()

    def row_words(self) -> str:
        """Return which pupil the numbered list is about."""
        return self._pupils[self._index].name

    def action_years(self) -> None:
        """Choose a row of QUÁ TRÌNH HỌC TẬP to correct, or add one."""
        pupil = self._pupils[self._index]
        rows = [(str(n), f"{row.year}  lớp {row.class_name}  {row.school}") for n, row in enumerate(pupil.history)]

        def answered(key: str | None) -> None:
            if key is not None:
                self._ask_year(pupil, pupil.history[int(key)] if key else None)

        title = f"Quá trình học tập của {pupil.name}"
        self.app.push_screen(Choose(title, [*rows, ("", "+ Thêm một năm học")]), answered)

    def _ask_year(self, pupil: Pupil, row: SchoolYearRow | None) -> None:
        fields = {name: (label, typed_row(row)[name]) for name, label in LABELS.items()}

        def answered(typed: dict[str, str] | None) -> None:
            if typed is None:
                return
            if row is not None and not any(text.strip() for text in typed.values()):
                after = self.attempt(lambda: remove_year(self.desk, self.class_key, pupil, row))
            else:
                after = self.attempt(lambda: write_year(self.desk, self.class_key, pupil, row, typed))
            if after is not None:
                self._pupils = tuple(after if found.key == after.key else found for found in self._pupils)
                self._show()
                self.say("Đã lưu quá trình học tập.")

        note = "" if row is None else "Xóa trắng mọi dòng để bỏ năm học này."
        self.app.push_screen(AskFields("Một năm học", fields, note), answered)

    def _turn(self, step: int) -> None:
        self._index = (self._index + step) % len(self._pupils)
        self._show()
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def _show(self) -> None:
        pupil = self._pupils[self._index]
        lines = self.attempt(lambda: card(self.desk, self.class_key, pupil.key))
        if lines is None:
            return
        self.query_one("#title", Title).say(
            f"Phiếu học bạ › {self.class_key} › {pupil.name} ({self._index + 1}/{len(self._pupils)})"
        )
        self.query_one("#card", Static).update(render(lines))
        self.query_one(VerticalScroll).focus()


def render(lines: Iterable[CardLine]) -> Text:
    """Return the card as text: headings, facts, and rows with a column for each period."""
    text = Text()
    for line in lines:
        periods = "".join(fit(value, _PERIOD) for value in line.periods)
        if line.heading:
            text.append(f"\n{fit(line.label, _LABEL)}" if periods else f"\n{line.label}", "bold")
            text.append(f" {periods}\n", "bold")
        elif periods:
            text.append(f"  {fit(line.label, _LABEL)}{periods}\n")
            if line.value:
                text.append(f"      {line.value}\n", "italic")
        else:
            text.append(f"  {fit(line.label, 24) if line.label else ''}{line.value}\n")
    return text
