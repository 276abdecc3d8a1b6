"""A conflict over one cell: both values with names and times, and the choice between them."""

from __future__ import annotations

from enum import Enum

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from hocba_tui.flow.grades.conflicts import Clash
from hocba_tui.screens.dialog import BOX, Dialog
from hocba_tui.text import moment


class Choice(Enum):
    """Which value the cell is to have."""

    THEIRS = "theirs"
    MINE = "mine"
    EDIT = "edit"


class ChooseValue(Dialog[Choice | None]):
    """The choice; None leaves the cell marked as it is. The cursor starts on the option that overwrites nothing."""

    DEFAULT_CSS = f"""ChooseValue {{ {BOX}
        & > Vertical {{ width: 78; }}
        & VerticalScroll {{ height: auto; max-height: 5; scrollbar-size-vertical: 1; }}
        & .who {{ text-style: bold; margin: 1 0 0 0; }}
        & OptionList, & OptionList:focus {{ margin: 1 0 0 0; }}
    }}"""
    BINDINGS = [Binding("escape", "give_up", "Để đó", id="clash.give_up")]

    def __init__(self, title: str, clash: Clash) -> None:
        super().__init__("Mũi tên, Enter: chọn   Tab: cuộn lời dài   Esc: để đó, dấu ≠ vẫn còn")
        self._title = title
        self._clash = clash

    def compose(self) -> ComposeResult:
        """Lay out both values and the choice."""
        clash = self._clash
        when = f", {moment(clash.when)}" if clash.when else ""
        at = f", {moment(clash.at)}" if clash.at else ""
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            yield Label(f"Đang lưu: của {clash.who}{when}", classes="who", markup=False)
            with VerticalScroll():
                yield Label(clash.held or "(trống)", markup=False)
            yield Label(f"CHƯA ghi: của bạn{at}", classes="who", markup=False)
            with VerticalScroll():
                yield Label(clash.wanted or "(trống)", markup=False)
            yield OptionList(
                Option(f"Giữ giá trị của {clash.who}"),
                Option("Ghi giá trị của tôi"),
                Option("Sửa rồi mới ghi"),
                markup=False,
            )
            yield self.keys_line()

    def on_mount(self) -> None:
        """Put the cursor on the option that writes nothing."""
        options = self.query_one(OptionList)
        options.highlighted = 0
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the answer."""
        event.stop()
        self.dismiss(list(Choice)[event.option_index])

    def action_give_up(self) -> None:
        """Cancel: decide later."""
        self.dismiss(None)
