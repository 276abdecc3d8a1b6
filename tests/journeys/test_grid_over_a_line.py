"""Any keys in reads of any size over a pseudo-terminal: the store holds what the written rules say."""

from __future__ import annotations

import os
from itertools import cycle
from pathlib import Path
from random import Random

import pytest

from hocba_tui.flow.grades.marks import open_marks
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.values import EntryKind, Period
from tests.support.grid_oracle import Oracle, Place, in_reads, sent
from tests.support.terminal import Terminal, hocba

RUNS = int(os.environ.get("HOCBA_KEYS", "2"))
KEYS = "998877655431100ttthhccđd,.⏎⏎⏎⏎⏎↓↓↓↑→→←⇥⇥⇥␣␣⌫⌫⎋"
KINDS = {EntryKind.LEVEL: "l", EntryKind.SCORE: "s", EntryKind.TEXT: "c"}


def oracle_of(root: Path) -> tuple[Oracle, list[str], list[str]]:
    """Return the rules' view of Toán at the end of the year in 5A, with its pupils and fields."""
    marks = open_marks(open_desk(root, "gv.5a"), "5A", "TOAN", Period.END_YEAR)
    pupils, fields = [pupil.key for pupil in marks.pupils], [column.cell.field for column in marks.columns]
    closed = [(pupils.index(key), fields.index(field)) for key, field in marks.locks if field in fields]
    kinds = "".join(KINDS[column.kind] for column in marks.columns)
    return Oracle(len(pupils), kinds, marks=stored(root, pupils, fields), closed=closed), pupils, fields


def stored(root: Path, pupils: list[str], fields: list[str]) -> dict[Place, str]:
    results = open_desk(root, "gv.5a").results("5A")
    found = {}
    for row, key in enumerate(pupils):
        for column, field in enumerate(fields):
            if key in results and results[key].fields.get(field) is not None:
                found[row, column] = str(results[key].fields[field])
    return found


def leave(terminal: Terminal) -> None:
    """Press F10, and agree that what is wrong or half typed is dropped."""
    terminal.press("f10")
    terminal.wait(lambda: ended(terminal) or "Bỏ và rời đi?" in terminal.text, "an end or a question")
    while not ended(terminal):
        terminal.press("f7")  # Answered only when the question has been painted.
        terminal.wait_quiet(0.5)
    assert terminal.wait_for_end() == 0


def ended(terminal: Terminal) -> bool:
    return terminal.process.poll() is not None


@pytest.mark.parametrize("seed", range(RUNS))
def test_any_keys_in_any_reads_store_what_the_rules_say(store_root: Path, seed: int) -> None:
    chance = Random(seed)
    oracle, pupils, fields = oracle_of(store_root)
    with hocba(store_root, "gv.5a") as terminal:
        terminal.wait_for("» Nhập kết quả lớp 5A")
        terminal.press("enter")
        terminal.wait_for("Nhập kết quả › 5A › Toán › Cuối năm")
        terminal.press("ctrl+home")
        terminal.press("home")
        typed = "".join(chance.choices(KEYS, k=150))
        for keys in in_reads(typed, cycle(chance.choices([1, 2, 5, 30], k=9))):
            inside = "".join(key for key in keys if oracle.press(key))
            terminal.send(sent(inside).encode())
            if inside and (inside == "⎋" or "⇥" in inside or chance.random() < 0.2):
                terminal.wait_quiet(0.12)  # So that the next keys are another read.
        leave(terminal)
    assert stored(store_root, pupils, fields) == oracle.marks, typed
