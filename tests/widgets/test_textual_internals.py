"""An update of Textual that changes what hocba uses of its private parts fails here, with the part's name."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import re
import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from textual.message_pump import MessagePump

import hocba_tui
from hocba_tui.widgets.textual_internals import QuietFailureApp, TerminalDriver, mark_read, read_of
from tests.support.table import table
from tests.support.terminal import Terminal

PACKAGE = Path(hocba_tui.__file__).parent
ALLOWED = "hocba_tui.widgets.textual_internals"

PROGRAM = """
import signal, sys
from textual.app import App
from {module} import {driver} as Tested

class Painter(App):
    def on_mount(self):
        self.set_timer(0.2, self.stop_in_a_write)

    def stop_in_a_write(self):
        queue = self._driver._writer_thread._queue
        put, lock = queue.put, queue.not_full
        class Stopping:
            def __enter__(self):
                lock.__enter__()
                queue.not_full = lock
                signal.raise_signal(signal.SIGTSTP)
            def __exit__(self, *error):
                return lock.__exit__(*error)
            def __getattr__(self, name):
                return getattr(lock, name)
        queue.not_full = Stopping()
        self._driver.write("painted")
        self.set_timer(0.2, self.exit)

Painter(driver_class=Tested).run(mouse=False)
print("went on")
"""


def test_a_stop_in_the_middle_of_a_write_waits_until_the_write_is_done() -> None:
    program = PROGRAM.format(module=ALLOWED, driver="TerminalDriver")
    with Terminal((sys.executable, "-c", program)) as terminal:
        terminal.wait_stopped()
        terminal.go_on()
        assert terminal.wait_for_end() == 0
    assert "went on" in terminal.text


READER = """
import signal
from textual.app import App
from {module} import HangUp, TerminalDriver, read_of

class Reader(App):
    def on_key(self, event):
        read = read_of(event)
        self.last = getattr(self, "last", None)
        again = read is self.last
        self.last = read
        with open({out!r}, "a") as out:
            print(event.key, repr(read.text), *read.keys, "again" if again else "new", sep=" ", file=out)

    def on_hang_up(self):
        with open({out!r}, "a") as out:
            print("hang-up", file=out)
        self.exit()

signal.signal(signal.SIGHUP, signal.SIG_IGN)
Reader(driver_class=TerminalDriver).run(mouse=False)
"""


def test_every_key_knows_its_read_and_the_end_of_the_terminal_is_told(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def lines() -> list[str]:
        return out.read_text().splitlines() if out.exists() else []

    program = READER.format(module=ALLOWED, out=str(out))
    with Terminal((sys.executable, "-c", program)) as terminal:
        terminal.wait(lambda: b"?2004h" in terminal.bytes, "the program to begin")
        terminal.send(b"x")
        terminal.wait(lambda: len(lines()) == 1, "one key")
        terminal.send(b"9\t\x1b[B\x08\x7f\xff" + "ế".encode())
        terminal.wait(lambda: len(lines()) == 8, "more keys")
        terminal.send(b"\x1b")
        terminal.wait(lambda: len(lines()) == 9, "a lone Esc")
        terminal.hang_up()
        terminal.process.wait(60)
    together = "'9\\t\\x08\\x7f\ufffdế' 9 tab down backspace backspace replacement_character ế"
    names = ["9", "tab", "down", "backspace", "backspace", "replacement_character", "ế"]
    assert lines() == [
        "x 'x' x new",
        *(f"{name} {together} {'again' if number else 'new'}" for number, name in enumerate(names)),
        "escape '\\x1b' escape new",
        "hang-up",
    ]


def test_the_keypad_is_digits_comma_point_and_enter_in_its_application_mode_too() -> None:
    sent = [f"\x1bO{letter}" for letter in "pqrstuvwxynlM"]
    keys = [key for keys in sent for key in XTermParser().feed(keys) if isinstance(key, events.Key)]
    assert "".join(key.character or "" for key in keys) == "0123456789.,"
    assert keys[-1].key == "enter"


def test_a_key_that_no_terminal_sent_has_no_read_until_a_test_gives_it_one() -> None:
    keys = [events.Key("a", "a"), events.Key("tab", "\t"), events.Key("down", None)]
    assert read_of(keys[0]) is None
    mark_read(keys)
    read = read_of(keys[0])
    assert read is not None
    assert (read.text, read.keys) == ("a\t", ("a", "tab", "down"))
    assert read_of(keys[1]) is read


def test_a_write_after_the_terminal_was_lost_is_dropped() -> None:
    class Dead:
        def is_alive(self) -> bool:
            return False

    driver = object.__new__(TerminalDriver)
    driver._writer_thread = Dead()  # type: ignore[assignment]
    driver.write("nobody reads this")


async def test_an_error_that_nobody_foresaw_prints_the_text_of_the_app_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Failing(QuietFailureApp):
        def failure_text(self, error: BaseException | None) -> str:
            return f"ended by {type(error).__name__}"

        def on_mount(self) -> None:
            secret = "123456"
            raise RuntimeError(secret)

    with pytest.raises(RuntimeError):
        async with Failing().run_test():
            pass
    printed = capsys.readouterr()
    assert "ended by RuntimeError" in printed.err
    assert "123456" not in printed.out + printed.err


def modules() -> Iterator[str]:
    """Yield the modules that use Textual, except the one that may use its private parts."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(("hocba_tui", *path.relative_to(PACKAGE).with_suffix("").parts))
        if name != ALLOWED and name.split(".")[1] in {"app", "screens", "widgets"}:
            yield name


def private_of_textual(cls: type) -> set[str]:
    """Return the private names that ``cls`` and its Textual base classes define or set."""
    names: set[str] = set()
    for base in cls.__mro__:
        if base.__module__.startswith("textual"):
            names |= private_of(base)
    return names


@cache
def private_of(base: type) -> set[str]:
    """Return the private names of this very class; its source takes long to find, and all pages share their bases."""
    named = {name for name in vars(base) if re.match(r"_[a-z]", name)}
    return named | set(re.findall(r"\bself\.(_[a-z]\w*)", inspect.getsource(base)))


@table("name", [name for name in modules() if ".screens" in name or ".widgets" in name or ".app" in name])
def test_no_other_module_uses_or_hides_a_private_part_of_textual(name: str) -> None:
    module = importlib.import_module(name)
    tree = ast.parse(inspect.getsource(module))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [text for text in imported if re.search(r"textual(\.\w+)*\._", text)]
    for node in tree.body:
        cls = getattr(module, node.name) if isinstance(node, ast.ClassDef) else None
        if isinstance(cls, type) and issubclass(cls, MessagePump | Driver | App):
            named = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
            named |= {part.name for part in ast.walk(node) if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}
            assert named & private_of_textual(cls) == set(), cls.__name__


def test_the_end_never_waits_for_a_thread_that_has_ended_with_a_full_queue() -> None:
    """The terminal goes while a flood of keys has filled what waits to be painted."""
    driver = object.__new__(TerminalDriver)
    driver._writer_thread = thread = WriterThread(io.StringIO())
    thread.start()
    thread.stop()
    for _ in range(MAX_QUEUED_WRITES):
        thread._queue.put("x")
    driver.write("dropped")
    closing = threading.Thread(target=driver.close, daemon=True)
    closing.start()
    closing.join(10)
    assert not closing.is_alive()
