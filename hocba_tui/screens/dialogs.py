"""Small dialogs. Each returns a typed answer and does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from hocba_tui.rules.pin import pin_problem
from hocba_tui.screens.dialog import BOX, Dialog
from hocba_tui.text import nfc
from hocba_tui.widgets.typing import SteadyInput, TypingInput, TypingKeys


class Notice(Dialog[None]):
    """A message that must be read: what happened, whether the work is safe, what to do now."""

    DEFAULT_CSS = f"Notice {{ {BOX} }}"
    BINDINGS = [
        Binding("enter,escape,space", "close", "Đóng", id="notice.close"),
        Binding("f10,ctrl+q", "close_program", "Thoát", id="notice.close_program"),
    ]
    TAKES_EARLY = frozenset()

    def __init__(self, *lines: str) -> None:
        super().__init__("Enter: đóng")
        self._lines = [line for line in lines if line]

    def compose(self) -> ComposeResult:
        """Lay out the lines."""
        with Vertical():
            for number, line in enumerate(self._lines):
                yield Label(line, classes="title" if number == 0 else "", markup=False)
            yield self.keys_line()

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_close_program(self) -> None:
        """Close, and leave the program as from the page below, which may ask."""
        self.dismiss(None)
        self.app.call_later(self.app.run_action, "app.close")


class Confirm(Dialog[bool]):
    """A yes-or-no question; Enter does nothing, so that nobody agrees by accident."""

    DEFAULT_CSS = f"Confirm {{ {BOX} }}"
    BINDINGS = [
        Binding("f7,ctrl+k", "answer(True)", "Có", id="confirm.yes"),
        Binding("escape", "answer(False)", "Không", id="confirm.no"),
    ]
    OLD_KEYS = {"c": "F7"}

    def __init__(self, question: str, detail: str = "", yes: str = "có") -> None:
        """Make the question; ``yes`` says in a few words what F7 will do."""
        super().__init__(f"F7: {yes}   Esc: không")
        self._question = question
        self._detail = detail

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical():
            yield Label(self._question, classes="title", markup=False)
            if self._detail:
                yield Label(self._detail, markup=False)
            yield self.keys_line()

    def action_answer(self, answer: bool) -> None:
        """Return the answer."""
        self.dismiss(answer)


class AskFields(ModalScreen[dict[str, str] | None]):
    """A few lines to fill in; returns name to text, None when cancelled.

    ``check`` is called before the form closes: a text that it returns is shown, and nothing that was
    typed is lost.
    """

    DEFAULT_CSS = f"""AskFields {{ {BOX}
        & VerticalScroll {{ height: auto; max-height: 15; scrollbar-size-vertical: 1; }}
        & Horizontal {{ height: 1; }}
        & Horizontal > Label {{ width: 20; }}
        & Input {{ width: 1fr; }}
        & .problem {{ text-style: bold; color: $text-error; }}
    }}"""
    BINDINGS = [
        Binding("escape", "give_up", "Bỏ", id="fields.give_up"),
        Binding("f2,ctrl+w", "finish", "Xong", id="fields.finish", priority=True),  # A box takes Ctrl+W otherwise.
        # Takes precedence over the scrolling of a form that is too long for the screen.
        Binding("up", "app.focus_previous", show=False, id="fields.up", priority=True),
        Binding("down", "app.focus_next", show=False, id="fields.down", priority=True),
    ]

    def __init__(
        self,
        title: str,
        fields: Mapping[str, tuple[str, str]],
        note: str = "",
        *,
        secret: bool = False,
        as_typed: bool = False,
        plain: Collection[str] = (),
        check: Callable[[dict[str, str]], str | None] = lambda _: None,
    ) -> None:
        """Make the form. ``fields`` maps a name to its label and its present text.

        ``secret`` is for a PIN: it is not shown, and one that no token can have is refused in the form.
        ``as_typed`` is for file names: no Telex or VNI; ``plain`` names single lines that are so.
        """
        super().__init__()
        self._title = title
        self._fields = fields
        self._note = note
        self._secret = secret
        self._as_typed = as_typed or secret
        self._plain = plain
        self._check = check

    def compose(self) -> ComposeResult:
        """Lay out one line for each field."""
        one = len(self._fields) == 1
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            if self._note:
                yield Label(self._note, markup=False)
            with VerticalScroll(can_focus=False):
                for name, (label, text) in self._fields.items():
                    if one:
                        yield Label(label, markup=False)
                        yield self._input(name, text)
                    else:
                        with Horizontal():
                            yield Label(label, markup=False)
                            yield self._input(name, text)
            yield Label("", id="problem", classes="problem", markup=False)
            keys = "Enter: xong   Esc: bỏ" if one else "Enter, ↑ ↓: sang dòng   F2: xong   Esc: bỏ"
            yield Label(keys, classes="keys", markup=False) if self._as_typed else TypingKeys(keys)

    def _input(self, name: str, text: str) -> Input:
        box = SteadyInput if self._as_typed or name in self._plain else TypingInput
        return box(text, id=f"field-{name}", password=self._secret, select_on_focus=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next line; after the last one, return the answer."""
        event.stop()
        inputs = list(self.query(Input))
        place = inputs.index(event.input)
        if place + 1 < len(inputs):
            inputs[place + 1].focus()
        else:
            self.action_finish()

    def typed(self) -> dict[str, str]:
        """Return what is in the lines."""
        return {name: nfc(self.query_one(f"#field-{name}", Input).value) for name in self._fields}

    def show_problem(self, problem: str) -> None:
        """Say what is wrong; nothing that was typed is lost."""
        self.query_one("#problem", Label).update(problem)

    def action_finish(self) -> None:
        """Return the answer, unless something is wrong with it."""
        typed = self.typed()
        wrong_pins = (pin_problem(text) for text in typed.values()) if self._secret else ()
        problem = next(filter(None, wrong_pins), None) or self._check(typed)
        if problem:
            self.show_problem(problem)
        else:
            self.dismiss(typed)

    def action_give_up(self) -> None:
        """Cancel; ask first when something was typed into a form of several lines."""
        changed = any(self.query_one(f"#field-{n}", Input).value != text for n, (_, text) in self._fields.items())
        if not changed or len(self._fields) == 1:
            self.dismiss(None)
            return

        def answered(give_up: bool | None) -> None:
            if give_up:
                self.dismiss(None)

        self.app.push_screen(Confirm("Bỏ những gì vừa gõ?"), answered)


class Choose(Dialog[str | None]):
    """A choice among several options; returns the option's key, None when cancelled."""

    DEFAULT_CSS = f"Choose {{ {BOX} }}"
    BINDINGS = [Binding("escape", "give_up", "Bỏ", id="choose.give_up")]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], chosen: str = "") -> None:
        super().__init__("Mũi tên, Enter: chọn   Esc: bỏ")
        self._title = title
        self._options = options
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            options = [Option(label, id=f"o-{number}") for number, (_, label) in enumerate(self._options)]
            yield OptionList(*options, markup=False)
            yield self.keys_line()

    def on_mount(self) -> None:
        """Put the cursor on the present choice."""
        keys = [key for key, _ in self._options]
        options = self.query_one(OptionList)
        options.highlighted = keys.index(self._chosen) if self._chosen in keys else 0
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the answer."""
        event.stop()
        self.dismiss(self._options[event.option_index][0])

    def action_give_up(self) -> None:
        """Cancel."""
        self.dismiss(None)
