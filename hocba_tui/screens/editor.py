"""The editor of a comment."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Label, Static

from hocba_tui.errors import HocbaError
from hocba_tui.flow.comments.suggestions import BankDesk
from hocba_tui.log.keeping import shown
from hocba_tui.rules.lawful import is_mark, no_words
from hocba_tui.screens.bank import BankSearch
from hocba_tui.screens.dialog import BOX
from hocba_tui.screens.dialogs import AskFields, Confirm
from hocba_tui.text import clean_block
from hocba_tui.widgets.typing import TypingKeys
from hocba_tui.widgets.typing_area import TypingArea

_KEEP_AFTER = 0.5
"""Seconds after the last key until what was typed is kept as a draft."""
_KEEP_EVERY = 2.0
"""Seconds between two drafts while somebody types without a pause."""
_OWN_LINES = 13
"""Lines that the editor needs: border, title, text, counter and keys, and a spare one for a note about a draft."""
_LAST_WORD = re.compile(r"\w+$")
_KEYS = "Enter: lưu   Esc: bỏ thay đổi"
_KEYS_WITH_BANK = "Enter: lưu  Esc: bỏ  F8: lời mẫu  Tab: mã  F5: giữ lời"


class Editor(TypingArea):
    """A text area that handles Enter, Esc and the keys of the bank in the order in which they were typed.

    Key bindings of a screen would overtake letters that arrived in the same packet, and lose them.
    """

    class Save(Message):
        """Somebody pressed Enter."""

    class GiveUp(Message):
        """Somebody pressed Esc."""

    class OpenBank(Message):
        """Somebody wants the bank of comments."""

    class KeepOwn(Message):
        """Somebody wants to keep this comment in their own bank."""

    class NoSuchCode(Message):
        """The word before the cursor is not a code of the bank."""

        def __init__(self, word: str) -> None:
            super().__init__()
            self.word = word

    _MESSAGES: dict[str, type[Message]] = {
        "enter": Save, "f2": Save, "escape": GiveUp, "f8": OpenBank, "ctrl+f": OpenBank, "f5": KeepOwn,
        "ctrl+t": KeepOwn,
    }  # fmt: skip

    bank: BankDesk | None = None

    async def on_key(self, event: events.Key) -> None:
        """Handle the keys that have a function here before the box reads them as text."""
        message = self._MESSAGES.get(event.key)
        if message is not None or event.key == "tab":
            event.stop()
            event.prevent_default()
        if message is not None:
            self.post_message(message())
        elif event.key == "tab":
            self._expand()

    def _expand(self) -> None:
        """Replace the code before the cursor by its comment."""
        found = _LAST_WORD.search(self.before_cursor() or "")
        offer = self.bank.by_code(found.group()) if self.bank and found else None
        if self.bank and found and offer:
            row, column = self.cursor_location
            self._put(self.bank.take(offer), (row, column - len(found.group())))
        else:
            self.post_message(self.NoSuchCode(found.group() if found else ""))

    def take_in(self, text: str) -> None:
        """Insert ``text`` at the cursor, after a space when a word ends there."""
        before = self.before_cursor() or ""
        space = " " if before and not before[-1].isspace() and self.selection.is_empty else ""
        self._put(space + text, self.selection.start)

    def _put(self, text: str, start: tuple[int, int]) -> None:
        self.replace(text, start, self.selection.end, maintain_selection_offset=False)


class EditText(ModalScreen[str | None]):
    """A comment with its character counter; returns the text, None when cancelled.

    ``keep`` is called with what has been typed, soon after, so that a dropped connection does not lose it. The
    lines ``about`` the pupil are shown above, as many as the screen has room for. ``bank`` is the bank of
    comments, None when the text has none.
    """

    DEFAULT_CSS = f"""EditText {{ {BOX}
        & > Vertical {{ width: 78; max-height: 100%; }}
        & TextArea, & TextArea:focus {{ height: 6; border: none; padding: 0; }}
        & #about {{ height: auto; color: $text-muted; border-bottom: solid $primary; }}
    }}"""

    def __init__(
        self,
        title: str,
        text: str,
        limit: int,
        keep: Callable[[str], None],
        draft: str = "",
        *,
        about: Sequence[str] = (),
        bank: BankDesk | None = None,
        pasted: str = "",
    ) -> None:
        super().__init__()
        self._pasted = pasted
        self._about = about
        self._title = title
        self._text = text
        self._limit = limit
        self._keep = keep
        self._draft = draft
        self._kept = draft or text
        self._kept_at = time.monotonic()
        self._draft_timer: Timer | None = None
        self._bank = bank

    def compose(self) -> ComposeResult:
        """Lay out the editor."""
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            if self._about:
                about = Static("\n".join(self._about), id="about", markup=False)
                about.styles.max_height = max(2, self.app.size.height - _OWN_LINES)
                yield about
            if self._draft:
                yield Label("Tiếp tục bản gõ dở lúc trước, CHƯA lưu.", id="draft", markup=False)
            editor = Editor(self._draft or self._text, soft_wrap=True)
            editor.bank = self._bank
            yield editor
            yield Static(id="count", markup=False)
            yield TypingKeys(_KEYS if self._bank is None else _KEYS_WITH_BANK)

    @property
    def _editor(self) -> Editor:
        return self.query_one(Editor)

    def on_mount(self) -> None:
        """Put the cursor at the end of the text."""
        area = self._editor
        area.cursor_blink = False
        if self._pasted:
            # Before any key can arrive.
            area.insert((" " if area.text else "") + self._pasted, area.document.end)
        area.move_cursor(area.document.end)
        area.focus()
        self.on_text_area_changed()

    def keep_draft(self) -> None:
        """Keep what was typed since the last draft, now."""
        text = self._typed
        if text != self._kept:
            self._keep(text)
            self._kept = text
        self._kept_at = time.monotonic()

    def _keep_draft_soon(self) -> None:
        if self._draft_timer is not None:
            self._draft_timer.stop()
        if time.monotonic() - self._kept_at > _KEEP_EVERY:
            self.keep_draft()
        self._draft_timer = self.set_timer(_KEEP_AFTER, self.keep_draft)

    @property
    def _typed(self) -> str:
        return clean_block(self._editor.text)

    def on_text_area_changed(self) -> None:
        """Count characters as the portal does: composed, not bytes. Show how many pupils have the same words."""
        self._keep_draft_soon()
        text = self._typed
        count = len(text)
        over = f" — dài quá {count - self._limit} ký tự" if count > self._limit else ""
        others = self._bank.others_with(text) if self._bank and not over else 0
        same = f" — {others} em khác cùng lời này; F8: lời khác" if others else ""
        self._say(f"{count}/{self._limit} ký tự{over}{same}")

    def _say(self, text: str) -> None:
        self.query_one("#count", Static).update(text)

    def on_editor_save(self) -> None:
        """Return the text, unless it is too long, or a mark that was meant for another column."""
        text = self._typed
        if is_mark(text):
            self.app.bell()
            self._say(f"CHƯA lưu: {no_words(text)}")
        elif len(text) <= self._limit:
            # It stays a draft until the store has saved it.
            self.keep_draft()
            self.dismiss(text)
        else:
            self._say(f"Dài {len(text)} ký tự, tối đa {self._limit}: rút ngắn rồi mới lưu được.")

    @property
    def changed(self) -> bool:
        """Return whether something was typed that is not saved."""
        return self._typed != clean_block(self._text)

    def on_editor_give_up(self) -> None:
        """Cancel; ask first when something would be lost."""
        if not self.changed:
            self._drop()
            return

        def answered(give_up: bool | None) -> None:
            if give_up:
                self._drop()

        self.app.push_screen(Confirm("Bỏ những gì vừa gõ?", "Nhận xét cũ vẫn giữ nguyên."), answered)

    def _drop(self) -> None:
        self._keep("")
        self.dismiss(None)

    # --- the bank ------------------------------------------------------------------------------

    def on_editor_open_bank(self) -> None:
        """Open the bank for this comment; the chosen text is inserted at the cursor."""
        if self._bank is None:
            self._say("Ô này không có lời mẫu.")
            return

        def answered(text: str | None) -> None:
            if text is not None:
                self._editor.take_in(text)

        self.app.push_screen(BankSearch(self._bank), answered)

    def on_editor_no_such_code(self, event: Editor.NoSuchCode) -> None:
        """Show that the word before the cursor is not a code."""
        if self._bank is not None:
            word = f"Không có mã “{event.word[:16]}”." if event.word else "Gõ mã của lời mẫu rồi bấm Tab."
            self._say(f"{word} F8: xem lời mẫu và mã.")

    def on_editor_keep_own(self) -> None:
        """Keep this comment in the person's own bank, for other pupils."""
        bank, text = self._bank, self._typed
        if bank is None:
            return
        general = bank.general(text)
        texts = {"general": general, "as_it_is": text}

        def keep(typed: dict[str, str]) -> str | None:
            chosen = "general" if typed.get("named", "c").strip().lower() in ("c", "có", "co", "") else "as_it_is"
            try:
                bank.keep_own(typed["code"], texts[chosen])
            except HocbaError as error:
                shown(error)
                return f"{error.what} {error.now}"
            return None

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None:
                self._say(f"Đã giữ lời này, mã {typed['code'].strip().lower()}: gõ mã rồi Tab để dùng.")

        fields = {"code": ("Mã để gõ nhanh", bank.free_code())}
        if general != text:
            fields["named"] = ("Tên thành {ten} (c/k)", "c")
        self.app.push_screen(AskFields("Giữ lời này để dùng cho em khác", fields, general, check=keep), answered)
