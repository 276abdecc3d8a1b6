"""The bank of comments, opened for one comment: type to search, Enter gives the filled text."""

from __future__ import annotations

from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from hocba_tui.errors import HocbaError
from hocba_tui.flow.comments.suggestions import BankDesk, Offer
from hocba_tui.flow.handing_out import how_to_fetch, offered, place_of
from hocba_tui.log.keeping import shown
from hocba_tui.model.bank import Calling, Scope, Shelf
from hocba_tui.screens.dialog import BOX
from hocba_tui.screens.dialogs import AskFields, Choose, Confirm, Notice
from hocba_tui.widgets.grid_model import fit
from hocba_tui.widgets.typing import TypingInput, TypingKeys

_MOST_SHOWN = 60
"""Rows of the list; to find an entry that is not among them, type another word."""
_PAGE = 8
_CODE_WIDTH, _TEXT_WIDTH, _SHARED_WIDTH = 7, 54, 9
_FILE = "ngan-hang-nhan-xet.xlsx"
_NOTHING = "Không có lời nào như vậy. F5: tìm rộng hơn."


class BankSearch(ModalScreen[str | None]):
    """The bank; returns the text to insert, None when cancelled."""

    DEFAULT_CSS = f"""BankSearch {{ {BOX}
        & > Vertical {{ width: 78; max-height: 100%; }}
        & OptionList, & OptionList:focus {{ height: 10; max-height: 10; scrollbar-size-vertical: 1; }}
        & #whole {{ height: 4; border-top: solid $primary; }}
    }}"""
    BINDINGS = [
        Binding("escape", "give_up", "Bỏ", id="bank.give_up"),
        Binding("f4,ctrl+t", "forget", "Xóa lời của tôi", id="bank.forget"),
        Binding("f5,ctrl+l", "scope", "Tìm ở đâu", id="bank.scope"),
        Binding("f6,ctrl+o", "calling", "em/con", id="bank.calling"),
        Binding("f7,ctrl+n", "export", "Excel", id="bank.export"),
    ]

    def __init__(self, bank: BankDesk) -> None:
        super().__init__()
        self._bank = bank
        self._scope = Scope.FITTING
        self._shown: list[Offer] = []

    def compose(self) -> ComposeResult:
        """Lay out the search line, the list, and the full text of the selected entry."""
        with Vertical():
            yield Label(id="where", classes="title", markup=False)
            yield TypingInput(placeholder="gõ để tìm, không cần dấu; hoặc gõ mã", select_on_focus=False)
            yield OptionList(markup=False)
            yield Static(id="whole", markup=False)
            yield TypingKeys("Enter: lấy   F4: xóa lời của tôi   F5: rộng, hẹp   F6: em/con   F7: ra Excel   Esc: bỏ")

    def on_mount(self) -> None:
        """Show the entries that suit this comment."""
        self.query_one(OptionList).can_focus = False
        self._search()

    def on_input_changed(self) -> None:
        """Search while somebody types."""
        self._search()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Insert the selected entry."""
        event.stop()
        if offer := self._chosen():
            self._take(offer)

    def on_key(self, event: events.Key) -> None:
        """Move in the list with the arrow keys; other keys go to the search line."""
        steps = {"up": -1, "down": 1, "pageup": -_PAGE, "pagedown": _PAGE}
        if event.key in steps and self._shown:
            event.prevent_default()
            event.stop()
            options = self.query_one(OptionList)
            place = (options.highlighted or 0) + steps[event.key]
            if event.key in ("up", "down"):
                place %= len(self._shown)
            options.highlighted = min(max(place, 0), len(self._shown) - 1)

    def on_option_list_option_highlighted(self) -> None:
        """Show the full text of the entry."""
        self._show_whole()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Insert the entry that was clicked."""
        event.stop()
        self._take(self._shown[event.option_index])

    def action_scope(self) -> None:
        """Search the next larger part of the bank; after the largest, the smallest."""
        scopes = list(Scope)
        self._scope = scopes[(scopes.index(self._scope) + 1) % len(scopes)]
        self._search()

    def action_calling(self) -> None:
        """Switch between calling pupils "con" and "em", from now on."""
        self._bank.call(Calling.CON if self._bank.calling is Calling.EM else Calling.EM)
        self._search()

    def action_forget(self) -> None:
        """Remove the selected entry from the person's own bank, after a confirmation."""
        offer = self._chosen()
        if offer is None or offer.entry.shelf is not Shelf.OWN:
            self._say("Chỉ xóa được lời của tôi.")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                try:
                    self._bank.forget_own(offer.entry)
                except HocbaError as error:
                    shown(error)
                    self._say(f"{error.what} {error.safe}")
                else:
                    self._search()

        self.app.push_screen(Confirm(f"Xóa lời mã {offer.entry.code} của tôi?", offer.text), answered)

    def action_export(self) -> None:
        """Write the bank to an Excel file, for editing and importing again."""

        def check(typed: dict[str, str]) -> str | None:
            try:
                written.append(place_of(self._bank.desk, typed["path"]))
                self._bank.export(written[-1])
            except HocbaError as error:
                shown(error)
                return f"{error.what} {error.now}"
            return None

        def answered(typed: dict[str, str] | None) -> None:
            if typed is None:
                return
            again = "Sửa trong Excel rồi nạp lại: phím i ở bảng điểm, F3."
            if lines := how_to_fetch(self._bank.desk, written[-1]):
                self.app.push_screen(Notice("Đã ghi ngân hàng.", *lines, again))
            else:
                self._say(f"Đã ghi vào {typed['path']}. {again}")

        written: list[Path] = []
        fields = {"path": ("Tệp", offered(self._bank.desk, _FILE))}
        self.app.push_screen(AskFields("Ghi ngân hàng ra đâu?", fields, check=check, as_typed=True), answered)

    def action_give_up(self) -> None:
        """Cancel."""
        self.dismiss(None)

    # --- inside --------------------------------------------------------------------------------

    def _search(self) -> None:
        found = self._bank.found(self.query_one(Input).value, self._scope)
        self._shown = found[:_MOST_SHOWN]
        more = f", hiện {len(self._shown)}" if len(found) > len(self._shown) else ""
        where = f"{self._bank.about} ({self._scope.label}): {len(found)} lời{more}"
        self.query_one("#where", Label).update(f"Ngân hàng · {where}")
        options = self.query_one(OptionList)
        options.clear_options()
        if self._shown:
            options.add_options([Option(_row(offer), id=f"e-{n}") for n, offer in enumerate(self._shown)])
            options.highlighted = 0
        else:
            options.add_option(Option(_NOTHING, disabled=True))
        self._show_whole()

    def _chosen(self) -> Offer | None:
        index = self.query_one(OptionList).highlighted
        return self._shown[index] if index is not None and index < len(self._shown) else None

    def _show_whole(self) -> None:
        offer = self._chosen()
        shelf = "" if offer is None or offer.entry.shelf is Shelf.SHIPPED else f" ({offer.entry.shelf.label.lower()})"
        self._say(f"{offer.text}{shelf}" if offer else "")

    def _say(self, text: str) -> None:
        self.query_one("#whole", Static).update(text)

    def _take(self, offer: Offer) -> None:
        """Return the text; when many pupils of the class have it, offer other words first."""
        others = self._bank.instead_of(offer.entry) if offer.shared else []
        if not others:
            self.dismiss(self._bank.take(offer))
            return
        choices = [*others, offer]

        def answered(key: str | None) -> None:
            if key is not None:
                self.dismiss(self._bank.take(choices[int(key)]))

        options = [(str(n), _variant(found, keep=found is offer)) for n, found in enumerate(choices)]
        self.app.push_screen(Choose(f"{offer.others} em khác đã có lời này. Nói cách khác?", options), answered)


def _row(offer: Offer) -> str:
    shared = f"{offer.others} em có" if offer.others else ""
    mark = "!" if offer.shared else " "
    text = fit(offer.text.replace("\n", " "), _TEXT_WIDTH)
    return f"{fit(offer.entry.code, _CODE_WIDTH)} {text} {mark}{fit(shared, _SHARED_WIDTH)}"


def _variant(offer: Offer, *, keep: bool) -> str:
    return f"Vẫn dùng: {offer.text}" if keep else offer.text
