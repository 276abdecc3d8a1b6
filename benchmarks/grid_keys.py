"""Keys to enter a class of 35 for one subject with scores: counted in the real grid, and by a model for other programs.

The grid: the real `hocba open` in a pseudo-terminal; every key from the home screen on is counted, and at the end
the store must hold every value, otherwise there is no figure. A class list of 35 pupils, Mathematics at the year's
end, all cells empty, each pupil a level and a score; the values are the demo school's, the same for all programs.

Excel, by model, autocomplete off, the file open and the cursor in the first cell (opening and saving are not
counted): a level is one letter and Enter, a score its digits and Enter. Down the columns the shortest way is
counted: the block is selected first, taken as one key, and Enter then goes down one column and on into the
next. Across: value, Tab, value, Enter, after which Excel returns to the first column of the next row.

VisiData, by its manual: `e` edits the cell, then the value and Enter; the cursor stays, so `j` goes down. Shortest:
Shift+Down in the editor keeps the value and edits the cell below, so that only the first cell needs `e`. Between
the columns `gk` and `l`. Nothing was run; opening and saving the file are not counted.

A key with Ctrl, Shift or Alt counts as one. The third table is a quality, whose levels are T, Đ and C, typed with
Unikey on in its Telex mode: elsewhere Đ is d, d. In the grid d is enough; where two pupils in a row have Đ, Unikey
makes Backspace and đ of the second d, and that is what is sent.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from _sessions import school, session

from hocba_tui.demo.school import homeroom_account
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades.marks import TRAITS_SHEET, columns_of
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import LEVEL, SCORE, Cell
from hocba_tui.model.values import Period
from hocba_tui.store.backend import Edit
from tests.support.terminal import Terminal

PUPILS = 175
"""Five classes of 35."""
ROOM = "4A"
"""A class without the special cases of 5A."""
_UNFINISHED = (9, 8, 10, 7)
"""Scores for pupils who have none in the demo school."""
DOUBLE_D = ("T", "Đ", "Đ", "T", "T", "Đ", "T")
"""Levels of a quality, repeated: a Đ alone and two in a row."""
MATHS = "TOAN"
END = Period.END_YEAR


class Pupil(NamedTuple):
    """What is to be entered for a pupil."""

    level: str
    score: str


def emptied(store: Path) -> list[Pupil]:
    """Empty the subject's cells in the class; return their values, in the order of the class list."""
    desk = open_desk(store, homeroom_account(ROOM))
    shard = desk.class_shard(ROOM)
    fields = [Cell(END, MATHS, LEVEL).field, Cell(END, MATHS, SCORE).field]
    found, edits = [], []
    for number, pupil in enumerate(desk.pupils(ROOM)):
        held = shard.document(RESULTS, pupil.key)
        level, score = (held.get(field) for field in fields)
        found.append(Pupil(str(level), str(score or _UNFINISHED[number % len(_UNFINISHED)])))
        edits += [Edit(RESULTS, pupil.key, field, held.get(field), None) for field in fields if field in held]
    shard.change("hieutruong", "empty", edits)
    return found


def stored(desk: Desk) -> list[Pupil]:
    """Return the values in the store."""
    results = desk.results(ROOM)
    return [
        Pupil(
            results[pupil.key].text(Cell(END, MATHS, LEVEL)) if pupil.key in results else "",
            results[pupil.key].text(Cell(END, MATHS, SCORE)) if pupil.key in results else "",
        )
        for pupil in desk.pupils(ROOM)
    ]


class Counted:
    """A terminal that counts every key."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.keys = 0

    def press(self, *keys: str) -> None:
        """Press keys, as a person presses them."""
        self.terminal.press(*keys)
        self.keys += len(keys)


def ours(store: Path, pupils: Sequence[Pupil], *, scores: bool, confirmed: bool = False) -> int:
    """Enter the class in the real grid, down the columns; return how many keys it took.

    ``confirmed`` presses Enter behind every score, as one does in Excel.
    """
    with session(store, homeroom_account(ROOM)) as terminal:
        hand = Counted(terminal)
        terminal.wait_for("Enter Mở")
        # The first of today's tasks leads to the first gap of the class, which is the subject's first level.
        hand.press("enter")
        terminal.wait_for(f"{ROOM} › Toán › Cuối năm")
        terminal.wait_quiet()
        hand.press(*(pupil.level.lower() for pupil in pupils))
        if scores:
            hand.press("ctrl+home", "right")
            for pupil in pupils:
                hand.press(*pupil.score, *(["enter"] if confirmed else []))
            if pupils[-1].score == "1" and not confirmed:
                hand.press("enter")
        terminal.wait_for("đã lưu lúc")
        terminal.wait_quiet(1.0)
        terminal.press("f10")  # Who is cut off instead is asked something at the next login.
        terminal.wait_for_end()
    wanted = [pupil if scores else Pupil(pupil.level, "") for pupil in pupils]
    if stored(open_desk(store, homeroom_account(ROOM))) != wanted:
        raise SystemExit("the store does not hold what was typed")
    return hand.keys


def quality(store: Path) -> int:
    """Enter a quality with Unikey on; return how many keys it took."""
    account = homeroom_account(ROOM)
    desk = open_desk(store, account)
    column = columns_of(desk.classroom(ROOM), TRAITS_SHEET.key, END)[0]
    pupils = desk.pupils(ROOM)
    held = {pupil.key: desk.results(ROOM)[pupil.key].text(column.cell) for pupil in pupils}
    edits = [Edit(RESULTS, key, column.cell.field, text, None) for key, text in held.items() if text]
    desk.class_shard(ROOM).change("hieutruong", "empty", edits)
    wanted = [DOUBLE_D[number % len(DOUBLE_D)] for number in range(len(pupils))]
    with session(store, account) as terminal:
        hand = Counted(terminal)
        terminal.wait_for("Enter Mở")
        hand.press("enter")
        terminal.wait_for("Họ và tên")
        hand.press("s")
        terminal.wait_for("chọn môn hoặc bảng")
        hand.press(*"pham", "enter")
        terminal.wait_for(TRAITS_SHEET.title)
        terminal.wait_quiet()
        hand.press("ctrl+home", "home")
        for before, level in itertools.pairwise(["", *wanted]):
            if (before, level) == ("Đ", "Đ"):
                terminal.press("backspace", "đ")
                hand.keys += 1
            else:
                hand.press("d" if level == "Đ" else level.lower())
        terminal.wait_for("đã lưu lúc")
        terminal.wait_quiet(1.0)
        terminal.press("f10")  # Who is cut off instead is asked something at the next login.
        terminal.wait_for_end()
    results = open_desk(store, account).results(ROOM)
    if [results[pupil.key].text(column.cell) for pupil in pupils] != wanted:
        raise SystemExit("the store does not hold what was typed")
    return hand.keys


def letters(text: str) -> int:
    """Return how many keys a text takes, with Telex for letters that have no key."""
    return sum(2 if letter in "Đđ" else 1 for letter in text)


def excel_down(columns: Sequence[Sequence[str]]) -> int:
    """Return Excel's keys column by column inside a selected block: the block, then each value and Enter."""
    return 1 + sum(letters(text) + 1 for column in columns for text in column)


def excel_across(columns: Sequence[Sequence[str]]) -> int:
    """Return Excel's keys row by row: each value with Tab, the last of the row with Enter, nothing selected."""
    return sum(letters(text) + 1 for row in zip(*columns, strict=True) for text in row)


def visidata(columns: Sequence[Sequence[str]]) -> int:
    """Return VisiData's keys: `e`, value, Enter, `j` for each cell; `gk` and `l` between the columns."""
    cells = sum(1 + letters(text) + 2 for column in columns for text in column)
    return cells - len(columns) + 3 * (len(columns) - 1)


def visidata_at_best(columns: Sequence[Sequence[str]]) -> int:
    """Return VisiData's keys with Shift+Down inside the editor, which then edits the cell below."""
    cells = sum(letters(text) + 1 for column in columns for text in column)
    return cells + len(columns) + 3 * (len(columns) - 1)


def table(title: str, own: int, columns: Sequence[Sequence[str]]) -> None:
    """Print one comparison."""
    print(f"{title:58}{'keys':>6}{'a cell':>8}{'of ours':>9}")
    cells = sum(len(column) for column in columns)
    rows = [
        ("hocba, from the home screen on", own),
        ("Excel, down the columns of a selected block", excel_down(columns)),
        ("Excel, across with Tab", excel_across(columns)),
        ("VisiData, Shift+Down in the editor", visidata_at_best(columns)),
        ("VisiData, e and Enter", visidata(columns)),
    ]
    for label, keys in rows:
        print(f"  {label:56}{keys:6}{keys / cells:8.2f}{keys / own:9.2f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the same; counting needs no repetition")
    parser.parse_args()
    with tempfile.TemporaryDirectory() as base, school(Path(base), PUPILS) as store:
        pupils = emptied(store)
        levels, scores = [pupil.level for pupil in pupils], [pupil.score for pupil in pupils]
        alone = ours(store, pupils, scores=False)
        emptied(store)
        both = ours(store, pupils, scores=True)
        emptied(store)
        confirmed = ours(store, pupils, scores=True, confirmed=True)
        doubled = quality(store)
    table(f"{len(pupils)} pupils, Mathematics: a level and a score each", both, [levels, scores])
    print(f"  with Enter behind every score{confirmed:32}, all on their pupils")
    table(f"{len(pupils)} levels alone", alone, [levels])
    qualities = [DOUBLE_D[number % len(DOUBLE_D)] for number in range(len(pupils))]
    table(f"{len(pupils)} levels of a quality, in Telex", doubled, [qualities])


if __name__ == "__main__":
    main()
