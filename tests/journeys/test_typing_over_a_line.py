"""Text typed over a slow line: bytes that arrive together, and a line that drops while somebody types."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from hocba_tui.flow.grades.drafts import drafts
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from tests.journeys.test_terminal import active_row, open_first_gap
from tests.support.terminal import Start, Terminal, hocba

COMMENT = Cell(Period.END_YEAR, "TOAN", "comment")
WANTED = "tiếng việt tốt"
PRESSES = [
    *"tie", "\x7fê", *"ng", "\x7f\x7f\x7fếng", " ", *"vie", "\x7fê", "t", "\x7f\x7fệt", " ", *"to", "\x7fô", "t",
    "\x7f\x7fốt",
]  # fmt: skip
"""What Unikey (Telex) sends for each key of “tieengs vieetj toots”."""
BURST = "".join(PRESSES)
Popen = subprocess.Popen[bytes]


def open_comment(terminal: Terminal) -> None:
    """Open the comment of the first pupil whose score is missing, and empty it."""
    open_first_gap(terminal)
    terminal.send(b"\x1b[C\x1b[C\r")
    terminal.wait_for("ký tự")
    terminal.send(b"\x7f" * 300)
    terminal.wait_for("0/")


@pytest.mark.parametrize(
    "writes", [[BURST + "\r"], [BURST.replace("\x7f", "\x08"), "\r"], [*PRESSES, "\r"]], ids=["one", "0x08", "presses"]
)
def test_a_comment_from_unikey_is_stored_as_it_was_meant(store_root: Path, writes: list[str]) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_comment(terminal)
        for write in writes:
            terminal.send(write.encode())
        terminal.wait_for("đã lưu lúc")
        terminal.wait(lambda: active_row(terminal), "the grid to have the cursor")
    desk = open_desk(store_root, "gv.5a")
    assert WANTED in [found.text(COMMENT) for found in desk.results("5A").values()]


def test_one_burst_searches_and_the_keys_behind_it_go_on_in_the_grid(store_root: Path) -> None:
    desk = open_desk(store_root, "gv.5a")
    names = [pupil.name for pupil in desk.pupils("5A") if pupil.assessed]
    wanted = names[-1]
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        terminal.send(b"/")
        terminal.wait_for("Tìm học sinh")
        terminal.send(b"xx\x7f\x7f" + wanted.encode() + b"q\x7f\r/")
        terminal.wait_for("Tìm học sinh")
        terminal.send(b"\x1b")
        terminal.wait_gone("Tìm học sinh")
        terminal.wait(lambda: wanted in terminal.screen.display[terminal.cursor[1]], "the cursor on the pupil")


def test_one_burst_in_the_palette_does_one_thing(store_root: Path) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        terminal.send(b":")
        terminal.wait_for("Gõ việc muốn làm")
        terminal.send("xóa\x7f\x7f\x7ftìm\x7f\x7fim\r".encode())
        terminal.wait_gone("Gõ việc muốn làm")
        terminal.wait_for("Tìm học sinh")


def test_one_burst_fills_a_line_of_a_form(store_root: Path, tmp_path: Path) -> None:
    out = tmp_path / "ra.xlsx"
    with hocba(store_root, "gv.5a") as terminal:
        open_comment(terminal)
        terminal.send(b"\x1b[19~")  # F8
        terminal.wait_for("Ngân hàng")
        terminal.send(b"\x1b[18~")  # F7
        terminal.wait_for("Ghi ngân hàng ra đâu?")
        terminal.send(b"\x15" + f"{tmp_path}/xa\x7f\x7fra.xlsz\x7fx\r".encode())
        terminal.wait_for("Đã ghi vào")
    assert out.exists()


def without_terminal_signals(command: Sequence[str], terminal: int, variables: Mapping[str, str]) -> Popen:
    """Start a program that uses the terminal but does not lead its session, as below ``make``: no SIGHUP comes."""
    return subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, env=variables
    )


def deaf_to_hangups(command: Sequence[str], terminal: int, variables: Mapping[str, str]) -> Popen:
    """Start a program in which SIGHUP is ignored, as below ``nohup``."""
    ignoring = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    return without_terminal_signals([sys.executable, "-S", "-c", ignoring, *command], terminal, variables)


@pytest.mark.parametrize("start", [without_terminal_signals, deaf_to_hangups])
def test_a_closed_window_ends_a_program_that_gets_no_signal_and_keeps_the_draft(store_root: Path, start: Start) -> None:
    command = (sys.executable, "-m", "hocba_tui", "open", "--store", str(store_root), "--as", "gv.5a")
    with Terminal(command, start=start) as terminal:
        open_comment(terminal)
        terminal.send("Em đọc tôt\x7f\x7fốt".encode())
        terminal.wait_for("Em đọc tốt")
        terminal.hang_up()
        terminal.process.wait(60)  # Raises when the program does not end.
    assert [draft.text for draft in drafts(open_desk(store_root, "gv.5a"))] == ["Em đọc tốt"]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_the_program_and_the_draft_has_the_keys_that_were_on_the_screen(
    store_root: Path, number: signal.Signals
) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_comment(terminal)
        terminal.send("Em đọc tốt".encode())
        terminal.wait_for("Em đọc tốt")
        terminal.process.send_signal(number)
        assert terminal.wait_for_end() == 0
    assert [draft.text for draft in drafts(open_desk(store_root, "gv.5a"))] == ["Em đọc tốt"]


def test_nothing_is_sent_while_a_box_waits_for_somebody_to_type(store_root: Path) -> None:
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        terminal.send(b"/")
        terminal.wait_for("Tìm học sinh")
        terminal.wait_quiet(1.2)  # Ends only when nothing comes for so long: a blink comes every half second.
        before = terminal.received
        terminal.wait_quiet(1.2)
        assert terminal.received == before
