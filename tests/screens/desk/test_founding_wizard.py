"""The wizard that founds a school, as a newcomer and as somebody in a hurry uses it."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from hocba_tui.flow.founding.answers import Answers, answering
from hocba_tui.flow.founding.questions import steps
from hocba_tui.flow.opening import login
from hocba_tui.screens.desk.founding import FoundingApp, ReviewScreen, StepScreen
from hocba_tui.screens.dialogs import Confirm, Notice
from hocba_tui.telex.word import Method
from tests.support.terminal import Terminal
from tests.support.text_of import press_seen, screen_text, until, until_on

STEPS = steps(date(2026, 9, 1), "hoa")
LINES = (
    ("Trường Tiểu học Hoa Sen", "37001003"),
    ("Sở GDĐT Ninh Bình", "37", "Tỉnh Ninh Bình", "", "Xã Hoa Sen"),
    ("Nguyễn Thị Sen",),
    (),
    ("Lê Văn Tin",),
    ("1A-1D, 2A 2B",),
)


@asynccontextmanager
async def wizard(root: Path) -> AsyncIterator[Pilot[Any]]:
    with answering(root) as answers:
        app = FoundingApp(answers, STEPS)
        async with app.run_test(size=(80, 24)) as pilot:
            await until_on(pilot, StepScreen)
            yield pilot


async def answer_all(pilot: Pilot[Any]) -> None:
    for number, lines in enumerate(LINES, start=1):
        await until(pilot, lambda number=number: f"Bước {number}/7" in screen_text(pilot))  # type: ignore[misc]
        for box, text in zip(pilot.app.screen.query(Input), lines, strict=False):
            box.value = text or box.value
        await press_seen(pilot, "f2")
    await until_on(pilot, ReviewScreen)


async def test_a_newcomer_founds_a_school_step_by_step(tmp_path: Path) -> None:
    root = tmp_path / "kho"
    async with wizard(root) as pilot:
        assert "Chưa có trường nào ở" in screen_text(pilot)
        await answer_all(pilot)
        text = screen_text(pilot)
        assert 'name = "Trường Tiểu học Hoa Sen"' in text
        assert "2 tài khoản, 6 lớp: 1A 1B 1C 1D 2A 2B" in text
        assert not root.exists()
        await press_seen(pilot, "f7")
        await until_on(pilot, Confirm)
        await press_seen(pilot, "f7")
        await until_on(pilot, Notice)
        assert "Đã lập Trường Tiểu học Hoa Sen" in screen_text(pilot)
        await press_seen(pilot, "enter")
    assert root.is_dir()
    assert isinstance(pilot.app, FoundingApp)
    assert pilot.app.founded is not None


async def test_a_wrong_line_is_said_at_once_and_holds_the_step(tmp_path: Path) -> None:
    async with wizard(tmp_path / "kho") as pilot:
        await pilot.press("enter")
        assert "Tên trường: phải ghi." in screen_text(pilot)
        await pilot.press(*"Hoa Sen", "enter", *"37 001", "enter")
        assert "không đúng dạng" in screen_text(pilot)
        assert pilot.app.screen.query(Input)[1].has_focus
        await pilot.press("f2")
        assert "Bước 1/7" in screen_text(pilot)
        await pilot.press("up", "f2")
        assert pilot.app.screen.query(Input)[1].has_focus, "F2 goes to the line that will not do"


async def test_leaving_and_dropped_lines_lose_no_letter(tmp_path: Path) -> None:
    root = tmp_path / "kho"
    async with wizard(root) as pilot:
        await pilot.press(*"Hoa Sen", "enter", *"37 0", "escape")
    assert Answers(root).get(("school", "code")) == "37 0", "also what is not valid"
    async with wizard(root) as pilot:
        assert "gõ lần trước còn nguyên" in screen_text(pilot)
        assert [box.value for box in pilot.app.screen.query(Input)][:2] == ["Hoa Sen", "37 0"]
        await pilot.press("end", *" 2")
        assert isinstance(pilot.app, FoundingApp)
        pilot.app.hang_up()
        await until(pilot, lambda: not pilot.app.is_running)
    assert Answers(root).get(("school", "name")) == "Hoa Sen 2"


async def test_only_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    async with wizard(tmp_path / "kho") as pilot:
        await pilot.press("escape")
    assert not Answers(tmp_path / "kho").begun


async def test_what_an_input_method_sends_in_one_packet_is_typed_right(tmp_path: Path) -> None:
    """Unikey takes back "Nguyen" letter by letter and sends the word with its marks; Enter comes in the same packet."""
    async with wizard(tmp_path / "kho") as pilot:
        burst = [*"Truong", *["backspace"] * 6, *"Trường", "enter", *"37001003", "enter"]
        for key in burst:
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: pilot.app.screen.query(Input)[2].has_focus)
        assert [box.value for box in pilot.app.screen.query(Input)][:2] == ["Trường", "37001003"]


async def test_telex_can_be_switched_on_where_the_computer_has_no_input_method(tmp_path: Path) -> None:
    async with wizard(tmp_path / "kho") as pilot:
        await pilot.press("f9")
        assert isinstance(pilot.app, FoundingApp)
        assert pilot.app.method is Method.TELEX
        await pilot.press(*"Truwowngf")
        assert pilot.app.screen.query(Input)[0].value == "Trường"


async def test_the_review_says_what_is_wrong_and_leads_to_the_step(tmp_path: Path) -> None:
    root = tmp_path / "kho"
    with answering(root) as answers:
        answers.take(STEPS[0], {("school", "name"): "Hoa Sen"})
    async with wizard(root) as pilot:
        assert isinstance(pilot.app, FoundingApp)
        pilot.app.ask(len(STEPS))
        await until_on(pilot, ReviewScreen)
        assert "chưa ghi mã trường" in screen_text(pilot)
        await press_seen(pilot, "f7")
        assert isinstance(pilot.app.screen, ReviewScreen)
        await press_seen(pilot, "2")
        await until(pilot, lambda: "Bước 2/7" in screen_text(pilot))
        await press_seen(pilot, "escape")
        await until(pilot, lambda: "Bước 1/7" in screen_text(pilot))


async def test_a_school_that_somebody_else_has_founded_meanwhile_is_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "kho"
    async with wizard(root) as pilot:
        await answer_all(pilot)
        root.mkdir()
        (root / "other").write_bytes(b"x")
        await press_seen(pilot, "f7")
        await until_on(pilot, Confirm)
        await press_seen(pilot, "f7")
        await until_on(pilot, Notice)
        assert "không rỗng" in screen_text(pilot)
    assert [path.name for path in root.glob("*")] == ["other"]


@pytest.mark.parametrize("number", range(len(STEPS)))
async def test_every_step_is_whole_at_80_columns(tmp_path: Path, number: int) -> None:
    async with wizard(tmp_path / "kho") as pilot:
        assert isinstance(pilot.app, FoundingApp)
        pilot.app.ask(number)
        await until(pilot, lambda: f"Bước {number + 1}/7" in screen_text(pilot))
        text = " ".join(screen_text(pilot).split())
        for question in STEPS[number].questions:
            assert question.label in text
        assert " ".join(STEPS[number].note.split()) in text
        assert "F9: Gõ tắt" in text


def press_until(terminal: Terminal, key: str, text: str) -> None:
    """Press a key until it counts: a dialog takes none that came before it was painted, and says so."""
    terminal.press(key)
    terminal.wait(lambda: text in terminal.text or "không tính" in terminal.text, text)
    if text not in terminal.text:
        terminal.press(key)
        terminal.wait_for(text)


def test_the_program_opens_the_wizard_survives_a_kill_and_opens_the_new_school(tmp_path: Path) -> None:
    root = tmp_path / "kho"
    command = [sys.executable, "-m", "hocba_tui", "open", "--store", str(root)]
    draft = root.with_name("kho.truong.toml")
    with Terminal(command) as terminal:
        terminal.wait_for("Bước 1/7")
        terminal.send(b"Hoa Sen\r")
        terminal.wait(lambda: draft.exists() and "Hoa Sen" in draft.read_text(encoding="utf-8"), "the answers on disk")
        terminal.process.kill()
        terminal.process.wait()
    assert not root.exists()
    with answering(root) as answers:
        for step, lines in zip(steps(date(2026, 9, 1), login()), LINES, strict=True):
            typed = {question.place: step.begins_with.get(question.place, "") for question in step.questions}
            typed |= {question.place: text for question, text in zip(step.questions, lines, strict=False) if text}
            answers.take(step, typed)
    assert tomllib.loads(draft.read_text(encoding="utf-8"))["school"]["name"] == "Trường Tiểu học Hoa Sen"
    with Terminal(command) as terminal:
        terminal.wait_for("gõ lần trước còn nguyên")
        for number in range(1, 7):
            terminal.wait_for(f"Bước {number}/7")
            terminal.wait_quiet(0.2)
            terminal.send(b"\x17")
        terminal.wait_for("2 tài khoản, 6 lớp")
        terminal.wait_quiet(0.2)
        terminal.press("f7")
        terminal.wait_for("F7: lập trường   Esc: không")
        press_until(terminal, "f7", "Đã lập Trường Tiểu học Hoa Sen")
        press_until(terminal, "enter", "Việc của tôi hôm nay")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
