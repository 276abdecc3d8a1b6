"""One person of each role at a terminal, with the habits that people have: typing ahead, Enter behind every value as in
Excel, Ctrl+S, an input method, impatience, a window that is closed in the middle.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.grades.drafts import drafts
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period, RecordState
from hocba_tui.signing.training import PIN
from tests.journeys.test_terminal import active_row, name_in, open_first_gap
from tests.support.signed import fill_gaps, open_first_round, submit_class
from tests.support.terminal import Terminal, hocba

SCORE = Cell(Period.END_YEAR, "TOAN", "score")
COMMENT = Cell(Period.END_YEAR, "TOAN", "comment")
LEFT, LOCKED, WRONG = "left out", "locked", "wrong"
F3, F7 = b"\x1bOR", b"\x1b[18~"


def in_order(root: Path, cell: Cell, class_key: str = "5A") -> dict[str, str]:
    """Return the texts of a cell by the pupils' keys, in the order of the class."""
    desk = open_desk(root, "hieutruong")
    results = desk.results(class_key)
    return {
        pupil.key: results[pupil.key].text(cell) if pupil.key in results else "" for pupil in desk.pupils(class_key)
    }


def seen(terminal: Terminal, key: bytes, until: str) -> None:
    """Press a final key as somebody who looks at the page, again when it came too early, until ``until`` is shown."""
    for _ in range(20):
        terminal.send(key)
        terminal.wait_quiet(0.3)
        if until in terminal.text:
            return
    terminal.wait_for(until)


def test_a_teacher_who_types_as_in_excel_and_closes_the_window(store_root: Path) -> None:
    before = in_order(store_root, SCORE)
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        first = list(before.values()).index("")
        line = terminal.cursor[1] + 11
        # Ten values with Enter, two pupils left out, Ctrl+S now and then; all of it at once, as after a stall.
        terminal.send(b"9\r8\r\r1\r10\r\x13" + b"7\r1\r \r6\r\x13\x13" + b"5\x7f4\r")
        # What was saved first may be told before the last key has had its effect.
        terminal.wait(lambda: terminal.cursor[1] == line, "the last key to be taken")
        terminal.wait_for("đã lưu lúc")
        terminal.send(b"9,5\r3")
        terminal.wait(lambda: terminal.cursor[1] == line + 2, "the 3 to be taken")
        terminal.hang_up()
        terminal.process.wait(60)  # Raises when the program does not end.
    after = list(in_order(store_root, SCORE).values())
    wanted = ["9", "8", LEFT, "1", "10", "7", "1", LEFT, LEFT, "6", LOCKED, WRONG, "3"]
    for number, (value, held) in enumerate(zip(after[first:], list(before.values())[first:], strict=True)):
        expected = wanted[number] if number < len(wanted) else LEFT
        assert value == (held if expected in (LEFT, LOCKED, WRONG) else expected), number


@pytest.mark.parametrize("shown", [0, 1, 2], ids=["while Python starts", "raw terminal", "screen cleared"])
def test_keys_typed_while_the_program_starts_wait_for_the_first_page(store_root: Path, shown: int) -> None:
    before = in_order(store_root, SCORE)
    with hocba(store_root, "gv.5a") as terminal:
        # Line ends come as line feeds until the program takes the terminal over.
        terminal.wait(lambda: terminal.received >= (0, 1, 200)[shown], "the program to write")
        terminal.send(b"\r9\r8\r")
        terminal.wait_for("Nhập kết quả › 5A › Toán › Cuối năm")
        terminal.wait_for("Enter: xong")
        terminal.hang_up()
        terminal.process.wait(60)  # Raises when the program does not end.
    after = in_order(store_root, SCORE)
    gaps = [key for key, text in before.items() if not text]
    assert [(key, after[key]) for key in after if after[key] != before[key]] == [(gaps[0], "9"), (gaps[1], "8")]


def test_a_homeroom_teacher_with_an_input_method_writes_comments_one_after_the_other(store_root: Path) -> None:
    before = in_order(store_root, COMMENT)
    texts = ["Em học tôt\x7f\x7fốt", "Em cô\x7fố gă\x7fắng", "Em tie\x7fên\x7f\x7fến bô\x7fộ"]
    wanted = ["Em học tốt", "Em cố gắng", "Em tiến bộ"]
    with hocba(store_root, "gv.5a") as terminal:
        open_first_gap(terminal)
        first = terminal.screen.display[terminal.cursor[1]]
        terminal.send(b"\x1b[C")
        # Enter opens, Enter saves, the cursor goes on; three comments lie in the terminal before the first is shown.
        terminal.send("".join("\r" + "\x7f" * 300 + text + "\r" for text in texts).encode())
        terminal.wait_for("đã lưu lúc")
        terminal.send("\rEm chưa xong thì rớt mạ\x7fạng".encode())
        terminal.wait_for("rớt mạng")
        terminal.hang_up()
        terminal.process.wait(60)  # Raises when the program does not end.
    after = in_order(store_root, COMMENT)
    changed = [key for key in after if after[key] != before[key]]
    assert [after[key] for key in changed] == wanted
    keys = list(after)
    start = keys.index(changed[0])
    assert keys[start : start + 3] == changed
    name = next(p.name for p in open_desk(store_root, "gv.5a").pupils("5A") if p.key == changed[0])
    assert name in first
    (draft,) = drafts(open_desk(store_root, "gv.5a"))
    assert (draft.pupil, draft.text.endswith("rớt mạng")) == (keys[start + 3], True)


def test_an_impatient_principal_signs_only_what_was_on_the_screen(store_root: Path, demo: DemoSchool) -> None:
    fill_gaps(store_root, demo)
    open_first_round(store_root)
    submit_class(store_root)

    def approved() -> int:
        records = open_desk(store_root, "hieutruong").records("5A").values()
        return sum(record.state is RecordState.APPROVED for record in records)

    with hocba(store_root, "hieutruong") as terminal:
        terminal.wait_for("» Duyệt và ký học bạ")
        terminal.send(b"\r\r" + F7 + F7 + PIN.encode() + b"\r")
        terminal.wait_for("Duyệt và ký › 5A")
        terminal.wait_quiet(0.5)
        assert approved() == 0
        for _ in range(3):  # A card lies on top: the last Enter opened it.
            terminal.press("escape")
            terminal.wait_quiet(0.3)
        terminal.wait_for("Việc của tôi hôm nay")
        terminal.send(b"\r")
        terminal.wait_for("Tất cả: 1 lớp, 31 học bạ")
        terminal.send(b" \r")
        terminal.wait_for("F7 Ký lớp 5A (31)")
        seen(terminal, F7, "Duyệt và ký 31 học bạ của lớp 5A?")
        seen(terminal, F7, "Mã PIN")
        # The PIN with an input method on, then as it should be.
        terminal.send("１２３\r".encode())
        terminal.wait_for("Chưa thử lần nào trên token")
        terminal.send(b"\x7f\x7f\x7f" + PIN.encode() + b"\r")
        terminal.wait_for("31/31")
    assert approved() == 31


def test_a_clerk_admits_a_pupil_while_a_teacher_types(store_root: Path) -> None:
    before = in_order(store_root, SCORE, "4A")
    with hocba(store_root, "gv.4a") as teacher, hocba(store_root, "vanthu") as clerk:
        teacher.wait_for("Nhập kết quả lớp 4A")
        teacher.press("enter")
        teacher.wait_for("Nhập kết quả › 4A")
        teacher.send(b"stoan\r")
        teacher.wait_for("Nhập kết quả › 4A › Toán")
        teacher.send(b"\x1b[6~\x1b[C")
        teacher.wait(lambda: active_row(teacher) and teacher.cursor[1] > 15, "the active cell far below")
        clerk.wait_for("Việc của tôi hôm nay")
        clerk.send(b":cac lop\r")
        clerk.wait_for("Các lớp")
        clerk.send(b"/4a\r\r")
        clerk.wait_for("Danh sách lớp 4A")
        seen(clerk, F3, "Thêm em")
        clerk.send(b"1")
        clerk.wait_for("Ngày sinh")
        row = name_in(teacher.screen.display[teacher.cursor[1]])
        teacher.send(b"1")
        clerk.send("An Thị A\x7fÁnh\r12/03/2016\r\x1bOQ".encode())
        clerk.wait_for("Danh sách lớp 4A")
        clerk.send(b"/an thi anh\r")
        clerk.wait_for("An Thị Ánh")
        moved = f"{int(row.split()[0]) + 1} {row.partition(' ')[2]}"
        teacher.wait(lambda: name_in(teacher.screen.display[teacher.cursor[1]]) == moved, "the cursor to move with him")
        teacher.send(b"\r")
        teacher.wait_for("đã lưu lúc")
    after = in_order(store_root, SCORE, "4A")
    names = {pupil.key: pupil.name for pupil in open_desk(store_root, "vanthu").pupils("4A")}
    assert {names[key]: value for key, value in after.items() if value != before.get(key, "")} == {
        row.partition(" ")[2]: "1"
    }
