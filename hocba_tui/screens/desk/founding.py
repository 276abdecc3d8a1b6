"""The wizard that founds a school where there is none: questions step by step, then the file that they make."""

from __future__ import annotations

import asyncio
import signal
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer
from textual.widgets import Input, Label, Static

from hocba_tui.errors import HocbaError, NotSaved
from hocba_tui.flow.founding.answers import Answers
from hocba_tui.flow.founding.questions import Step
from hocba_tui.flow.founding.settings_file import said_when_founded
from hocba_tui.flow.opening import login
from hocba_tui.log.keeping import place_of, shown, unexpected
from hocba_tui.model.school import School
from hocba_tui.screens.dialogs import Confirm, Notice
from hocba_tui.screens.painted import PaintedScreen
from hocba_tui.telex.word import Method
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.typing import TypingApp, TypingInput, TypingKeys
from hocba_tui.widgets.wire import SparingDriver

_SAVE_AFTER = 0.5
"""Seconds after the last key of a line after which it is on disk."""


class FoundingApp(TypingApp):
    """The wizard, for one person before there is a school."""

    TITLE = "hocba"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        Binding("f9,ctrl+r", "typing", "Gõ dấu", priority=True),
        Binding("f10,ctrl+q", "leave", "Thoát"),
    ]
    CSS: ClassVar[str] = "Screen { background: $background; layers: base; }"

    def __init__(self, answers: Answers, steps: tuple[Step, ...]) -> None:
        super().__init__(driver_class=SparingDriver)
        self.answers = answers
        self.steps = steps
        self.founded: School | None = None

    def on_mount(self) -> None:
        """Ask from the first step; keep what is being typed when the connection drops."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.hang_up)
        self.ask(0)

    def ask(self, number: int) -> None:
        """Show a step, or behind the last one the file."""
        screen = StepScreen(number) if number < len(self.steps) else ReviewScreen()
        if len(self.screen_stack) > 1:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def note_failure(self, error: BaseException | None) -> None:
        """Log an unexpected error, which ends the wizard."""
        if error is not None:
            unexpected(error)

    def failure_text(self, error: BaseException | None) -> str:
        """Return what happened, whether the work is safe, what to do."""
        return (
            f"hocba gặp lỗi ngoài dự kiến ({type(error).__name__}, {place_of(error) if error else '?'}) và phải dừng.\n"
            f"Chưa lập trường nào. Những gì đã gõ được giữ ở {self.answers.path}.\n"
            "Mở lại bằng đúng lệnh ấy; nếu lặp lại, báo dòng đầu cho người phụ trách máy."
        )

    def action_typing(self) -> None:
        """Switch to the next way of typing Vietnamese."""
        methods = list(Method)
        self.method = methods[(methods.index(self.method) + 1) % len(methods)]

    def action_help_quit(self) -> None:
        """Tell a person who presses Ctrl+C how to leave."""
        self.notify("Bấm F10 để thoát; những gì đã gõ được giữ.", title="hocba")

    def action_leave(self) -> None:
        """Leave; what was typed is kept."""
        self.keep_drafts()
        self.exit()


class WizardScreen(PaintedScreen[None]):
    """A screen of the wizard."""

    DEFAULT_CSS = """
    WizardScreen { padding: 0 1;
        & .note { color: $text-muted; width: 100%; margin: 0 0 1 0; }
        & VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
        & Horizontal { height: 1; }
        & Horizontal > Label { width: 31; }
        & Input, & Input:focus { border: none; height: 1; padding: 0 1; background: $boost; width: 1fr; }
        & Input:focus { background: $primary-muted; }
        & .problem { text-style: bold; color: $text-error; height: auto; width: 100%; }
        & .keys { color: $text-muted; }
    }"""

    @property
    def wizard(self) -> FoundingApp:
        """Return the app."""
        assert isinstance(self.app, FoundingApp)
        return self.app

    def attempt_save(self, step: Step, inputs: list[Input]) -> bool:
        """Take what stands in the lines; say it when the disk refuses."""
        typed = {q.place: box.value for q, box in zip(step.questions, inputs, strict=True)}
        try:
            self.wizard.answers.take(step, typed)
        except NotSaved as error:
            shown(error)
            self.say(f"{error.what} {error.now}")
            return False
        return True

    def say(self, text: str) -> None:
        """Show why something will not do."""
        self.query_one("#problem", Label).update(text)


class StepScreen(WizardScreen):
    """The questions of one step."""

    BINDINGS = [
        Binding("escape", "back", "Bước trước", id="step.back"),
        Binding("f2,ctrl+w", "go_on", "Bước sau", id="step.go_on", priority=True),  # A box takes Ctrl+W otherwise.
        Binding("up", "app.focus_previous", show=False, priority=True, id="step.up"),
        Binding("down", "app.focus_next", show=False, priority=True, id="step.down"),
    ]

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._pause: Timer | None = None

    @property
    def step(self) -> Step:
        """Return the step."""
        return self.wizard.steps[self._number]

    def compose(self) -> ComposeResult:
        """Lay out one line for each question."""
        answers, step = self.wizard.answers, self.step
        yield Title(f"Lập trường mới › Bước {self._number + 1}/{len(self.wizard.steps) + 1}: {step.title}")
        yield Static("\n".join(self._notes()), classes="note", markup=False)
        with VerticalScroll(can_focus=False):
            for question in step.questions:
                with Horizontal():
                    yield Label(f"{question.label}{' *' if question.required else ''}", markup=False)
                    yield TypingInput(answers.shown(step, question.place), select_on_focus=False)
        yield Label("", id="problem", classes="problem", markup=False)
        back = "bước trước" if self._number else "thoát, giữ chữ đã gõ"
        yield TypingKeys(f"Enter, ↑ ↓: sang dòng   F2: bước sau   Esc: {back}")

    def _notes(self) -> list[str]:
        lines = [self.step.note + (" Dấu * là phải ghi." if any(q.required for q in self.step.questions) else "")]
        if not self._number:
            answers = self.wizard.answers
            lines.insert(0, f"Chưa có trường nào ở {answers.root}. Gõ nhầm thư mục thì bấm Esc.")
            if answers.begun:
                lines.insert(1, f"Những gì gõ lần trước còn nguyên, trong {answers.path}.")
            if login() == "root":
                lines.append("Bạn đang là root, kho sẽ là của root. Máy cài bằng hocba setup: sudo -u hocba …")
        return lines

    @property
    def boxes(self) -> list[Input]:
        """Return the lines."""
        return list(self.query(Input))

    def on_input_changed(self) -> None:
        """Put on disk what is typed, when the person pauses."""
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(_SAVE_AFTER, self.keep_draft)

    def keep_draft(self) -> None:
        """Put what has been typed so far on disk now."""
        if self.is_mounted and self._typed():
            self.attempt_save(self.step, self.boxes)

    def _typed(self) -> bool:
        """Return whether something stands in the lines that was not there when they were shown."""
        shown_before = [self.wizard.answers.shown(self.step, question.place) for question in self.step.questions]
        return [box.value for box in self.boxes] != shown_before

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the line; go to the next, or from the last to the next step."""
        event.stop()
        place = self.boxes.index(event.input)
        problem = self.step.questions[place].problem(event.value)
        self.say(problem)
        if problem:
            self.app.bell()
        elif place + 1 < len(self.boxes):
            self.boxes[place + 1].focus()
        else:
            self.action_go_on()

    def action_go_on(self) -> None:
        """Go to the next step, unless a line will not do."""
        boxes = self.boxes
        if wrong := self.step.first_problem([box.value for box in boxes]):
            line, problem = wrong
            boxes[line].focus()
            self.say(problem)
            self.app.bell()
            return
        self._leave_to(self._number + 1)

    def action_back(self) -> None:
        """Go to the step before, from the first one leave; nothing is lost."""
        if self._number:
            self._leave_to(self._number - 1)
        else:
            self.wizard.action_leave()

    def _leave_to(self, number: int) -> None:
        if self.attempt_save(self.step, self.boxes):
            self.wizard.ask(number)


class ReviewScreen(WizardScreen):
    """The file that the answers make, to be looked through; then the school is founded."""

    BINDINGS = [
        Binding("escape", "back", "Bước trước", id="review_file.back"),
        Binding("f7,ctrl+k", "found", "Lập trường", id="review_file.found"),
        *(Binding(str(number), f"step({number})", show=False, id=f"review_file.{number}") for number in range(1, 10)),
    ]

    def compose(self) -> ComposeResult:
        """Lay out the file."""
        answers, count = self.wizard.answers, len(self.wizard.steps)
        yield Title(f"Lập trường mới › Bước {count + 1}/{count + 1}: Xem lại")
        yield Static(f"Tệp lập trường, giữ ở {answers.path}:", classes="note", markup=False)
        with VerticalScroll():
            yield Static(answers.text(), markup=False)
        yield Label("", id="problem", classes="problem", markup=False)
        keys = f"F7: lập trường   1–{count}: sửa bước ấy   ↑ ↓: xem tiếp   Esc: bước trước"
        yield Label(keys, classes="keys", markup=False)

    def on_mount(self) -> None:
        """Say what is still wrong, or what would come of it."""
        self.query_one(VerticalScroll).focus()
        try:
            found = self.wizard.answers.founding()
        except HocbaError as error:
            shown(error)
            self.say(f"{error.what} {error.now}")
            return
        names = " ".join(room.key for room in found.rooms)
        self.say(f"{len(found.staff)} tài khoản, {len(found.rooms)} lớp{': ' if names else ''}{names}")

    def action_back(self) -> None:
        """Go to the last step."""
        self.wizard.ask(len(self.wizard.steps) - 1)

    def action_step(self, number: int) -> None:
        """Go to a step to correct it."""
        if number <= len(self.wizard.steps):
            self.wizard.ask(number - 1)

    def action_found(self) -> None:
        """Ask once, then found the school."""
        answers = self.wizard.answers
        try:
            found = answers.founding()
        except HocbaError as error:
            shown(error)
            self.app.bell()
            self.say(f"{error.what} {error.now}")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._found()

        detail = f"Năm học {found.school.year}, mã trường {found.school.code}, ở {answers.root}."
        self.app.push_screen(Confirm(f"Lập {found.school.name}?", detail, "lập trường"), answered)

    @work(exclusive=True)
    async def _found(self) -> None:
        answers = self.wizard.answers
        try:
            with self.wizard.keys_held():
                school = await asyncio.to_thread(answers.found)
        except HocbaError as error:
            shown(error)
            self.app.push_screen(Notice(error.what, error.safe, error.now))
            return
        self.wizard.founded = school
        lines = [*said_when_founded(school, answers.root), f"Tệp lập trường được giữ ở {answers.path}."]
        self.app.push_screen(Notice(*lines), lambda _: self.app.exit())
