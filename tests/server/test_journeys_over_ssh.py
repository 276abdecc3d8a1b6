"""What people do together through a real ssh: two places at one cell, a record that goes back to its teacher."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period, RecordState
from tests.journeys.test_habits import seen
from tests.journeys.test_terminal import open_first_gap
from tests.support.over_ssh import SshDoor
from tests.support.signed import fill_gaps, open_first_round, submit_class
from tests.support.terminal import Terminal

SCORE = Cell(Period.END_YEAR, "TOAN", "score")
F8 = b"\x1b[19~"


@pytest.fixture
def door(few_root: Path) -> Iterator[SshDoor]:
    with SshDoor(few_root, "gv.5a", "hieutruong") as found:
        yield found


def scores(root: Path) -> dict[str, str]:
    return {key: results.text(SCORE) for key, results in open_desk(root, "gv.5a").results("5A").items()}


def answer(terminal: Terminal, choice: str, *keys: str) -> None:
    """Solve the conflict at the cell under the cursor."""
    seen(terminal, b"=", "CHƯA ghi: của bạn")
    assert choice in terminal.text
    terminal.press(*keys)
    terminal.wait_gone("CHƯA ghi: của bạn")


def test_two_places_write_one_cell_both_values_are_shown_and_one_is_chosen(door: SshDoor, few_root: Path) -> None:
    before = scores(few_root)
    with door.opened("gv.5a") as first, door.opened("gv.5a") as second:
        for terminal in (first, second):
            open_first_gap(terminal)
        column, line = first.cursor
        assert second.cursor == (column, line)
        first.press("1")  # Waits: it may become a 10.
        first.wait(lambda: first.screen.display[line][column] == "1", "the digit to be shown")
        second.press("9")
        second.wait_for("đã lưu lúc")
        first.press("enter")
        first.wait_for("≠")
        first.press("up")
        first.wait_for_cursor(column, line)
        answer(first, "Ghi giá trị của tôi", "down", "enter")
        first.wait_gone("≠")
        second.wait(lambda: second.screen.display[line][column] == "1", "the chosen value to come to the other place")
    after = scores(few_root)
    assert [after[key] for key in after if after[key] != before[key]] == ["1"]


def test_a_principal_returns_a_record_and_its_teacher_is_told_why_while_both_are_in(
    door: SshDoor, few_root: Path, few: DemoSchool
) -> None:
    fill_gaps(few_root, few)
    open_first_round(few_root)
    submit_class(few_root)
    with door.opened("gv.5a") as teacher, door.opened("hieutruong") as principal:
        principal.wait_for("Duyệt và ký học bạ")
        principal.send(b"/duyet va ky\r\r")
        principal.wait_for("Tất cả: 1 lớp")
        principal.send(b" \r")
        principal.wait_for("F7 Ký lớp 5A")
        seen(principal, F8, "Trả lại học bạ của")
        principal.send("Xem lại điểm Toán\r".encode())
        principal.wait_gone("Trả lại học bạ của")
        principal.wait_for("Xem lại điểm Toán")
        teacher.wait_for("Hiệu trưởng trả lại")
    records = open_desk(few_root, "gv.5a").records("5A").values()
    assert [(record.state, record.reason) for record in records if record.reason] == [
        (RecordState.DRAFT, "Xem lại điểm Toán")
    ]
