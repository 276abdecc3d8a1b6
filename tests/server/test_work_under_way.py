"""A stop, a restore and a second login while something is being signed, sent or imported."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from hocba_tui import door
from hocba_tui.flow import serving
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.outbox import QUEUED, SENT, UNKNOWN, outbox
from hocba_tui.flow.portal.send import send
from hocba_tui.flow.records.issue import issue
from hocba_tui.flow.records.keys import unlock
from hocba_tui.flow.records.sign_batch import Gate
from hocba_tui.machine import units
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period, RecordState, Slot
from hocba_tui.screens import outbox as outbox_page
from hocba_tui.screens.dialogs import AskFields
from hocba_tui.screens.school.intake import IntakePage
from hocba_tui.screens.signing import batch
from hocba_tui.server.listening import Settings
from hocba_tui.server.served import PARTINGS
from hocba_tui.signing.signer import Request, Signature
from hocba_tui.signing.softkey import SoftKeySigner
from hocba_tui.signing.token import PATIENCE
from hocba_tui.signing.training import PIN
from hocba_tui.sync.client import NoAnswer, Portal
from hocba_tui.sync.envelope import Account
from tests.flow.grades.test_results_import import typable
from tests.support.served_app import at_work
from tests.support.signed import submit_class
from tests.support.text_of import agree, press_seen, screen_text, status, until, until_on

PORTAL = Portal("http://127.0.0.1:9", Account("", "", "", ""))


def submitted(root: Path) -> int:
    states = [record.state for record in open_desk(root, "gv.5a").records("5A").values()]
    return states.count(RecordState.SUBMITTED)


def states(root: Path) -> list[str]:
    return [package.state for package in outbox(open_desk(root, "vanthu"))]


def test_each_time_is_longer_than_the_one_within_it() -> None:
    """A token that never answers is given up first, then its session, then the server says that it has not ended."""
    longest = Settings("", "").longest
    assert PATIENCE < batch.LAST_RECORD < longest < serving._LEFT
    assert longest > outbox_page.LAST_PACKAGE
    found = re.search(r"^TimeoutStopSec=(\d+)$", units.door("/bin/true", "/srv/hocba", "hocba"), re.MULTILINE)
    assert found is not None
    assert longest < int(found[1])


class SlowToken:
    """Signs with the training key; the record of a number is held until it is let go."""

    def __init__(self, held: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.goes_on = threading.Event(), threading.Event()
        signs: Any = SoftKeySigner.sign

        async def sign(signer: SoftKeySigner, requests: AsyncIterator[Request]) -> AsyncIterator[Signature]:
            number = 0
            async with aclosing(signs(signer, requests)) as made:
                async for signature in made:
                    number += 1
                    if number == held:
                        self.reached.set()
                        await asyncio.to_thread(self.goes_on.wait, 60)
                    yield signature

        monkeypatch.setattr(SoftKeySigner, "sign", sign)


async def begin_to_sign(pilot: Pilot[Any], token: SlowToken) -> None:
    await press_seen(pilot, "f7")
    await agree(pilot)
    await until_on(pilot, AskFields)
    await pilot.press(*PIN, "enter")
    await until(pilot, token.reached.is_set)


@pytest.mark.parametrize(("why", "paused"), [("stop", False), ("swap", False), ("other", False), ("stop", True)])
async def test_the_record_that_is_with_the_token_is_stored_and_no_other_is_begun(
    opened_root: Path, monkeypatch: pytest.MonkeyPatch, why: str, *, paused: bool
) -> None:
    token = SlowToken(3, monkeypatch)
    async with at_work(opened_root) as (pilot, seen):
        seen.app.open_page("submit", class_key="5A")
        await begin_to_sign(pilot, token)
        await until(pilot, lambda: "Đã ký 2/31" in status(pilot))
        if paused:
            await pilot.press("space")
        door.send(seen.listener, {"say": "end", "why": why})
        await until(pilot, lambda: "đóng khi xong phần đang làm dở" in screen_text(pilot))
        assert "đóng khi xong phần đang làm dở" in screen_text(pilot)
        assert door.receive(seen.listener)[0] == {"say": "finishing"}
        running = seen.app.is_running
        assert running
        token.goes_on.set()
        await until(pilot, lambda: not seen.app.is_running)
        assert seen.app.parting == PARTINGS[why]
    assert submitted(opened_root) == 3
    monkeypatch.undo()
    assert len(await asyncio.to_thread(submit_class, opened_root)) == 28


async def test_a_token_that_hangs_holds_a_session_only_so_long(
    opened_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = SlowToken(3, monkeypatch)
    monkeypatch.setattr(batch, "LAST_RECORD", 0.5)
    async with at_work(opened_root) as (pilot, seen):
        seen.app.open_page("submit", class_key="5A")
        await begin_to_sign(pilot, token)
        seen.app.part("stop")
        await until(pilot, lambda: not seen.app.is_running)
        ended = not seen.app.is_running
        assert ended
        token.goes_on.set()
    assert 2 <= submitted(opened_root) <= 3


async def test_a_paused_batch_does_not_keep_a_program_that_fails_from_ending(
    opened_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = SlowToken(3, monkeypatch)
    async with at_work(opened_root) as (pilot, seen):
        seen.app.open_page("submit", class_key="5A")
        await begin_to_sign(pilot, token)
        await pilot.press("space")
        page = seen.app.screen
        assert isinstance(page, batch.BatchPage)
        gate = page._gate
        assert gate is not None
        assert gate.paused
        seen.app.exit()  # As after an error: nothing is saved, nobody is asked.
        await until(pilot, lambda: not seen.app.is_running)
        token.goes_on.set()
    stopped, gate.stopped = gate.stopped, True  # Else this process would wait for ever, too.
    assert stopped


@pytest.fixture
def two_packages(approved_root: Path) -> Path:
    """A school with two packages in its outbox: the sealing was interrupted once."""

    async def seal(most: int) -> None:
        desk = open_desk(approved_root, "vanthu")
        signer = await unlock(desk, Slot.SEAL, PIN)
        try:
            gate = Gate()
            async for _ in issue(desk, "5A", signer, gate):
                most -= 1
                gate.stopped = not most
        finally:
            await signer.close()

    asyncio.run(seal(10))
    asyncio.run(seal(99))
    assert states(approved_root) == [QUEUED, QUEUED]
    return approved_root


class SlowPortal:
    """Takes a package when it is let go; ``answers``: also says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, answers: bool) -> None:
        self.reached, self.goes_on = threading.Event(), threading.Event()
        self.taken: list[str] = []

        def submit(_: Portal, message: str, data: bytes) -> None:
            self.taken.append(message)
            self.reached.set()
            self.goes_on.wait(60)
            if not answers:
                raise NoAnswer("x", "y")

        monkeypatch.setattr(Portal, "submit", submit)
        monkeypatch.setattr(Portal, "query", lambda *_: ())
        monkeypatch.setattr("hocba_tui.flow.portal.send.portal_of", lambda *_: PORTAL)


@pytest.mark.parametrize(("answers", "first"), [(True, SENT), (False, UNKNOWN)])
async def test_the_package_on_its_way_is_finished_or_known_to_be_unknown_and_no_other_is_begun(
    two_packages: Path, monkeypatch: pytest.MonkeyPatch, first: str, *, answers: bool
) -> None:
    portal = SlowPortal(monkeypatch, answers=answers)
    async with at_work(two_packages, "vanthu") as (pilot, seen):
        seen.app.open_page("outbox")
        await press_seen(pilot, "f7")
        await agree(pilot)
        await until(pilot, portal.reached.is_set)
        door.send(seen.listener, {"say": "end", "why": "stop"})
        await until(pilot, lambda: seen.app.parting != "")
        assert door.receive(seen.listener)[0] == {"say": "finishing"}
        running = seen.app.is_running
        assert running
        portal.goes_on.set()
        await until(pilot, lambda: not seen.app.is_running)
    assert states(two_packages) == [first, QUEUED]
    assert len(portal.taken) == 1


def test_a_sending_that_is_not_told_to_stop_sends_all(two_packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = SlowPortal(monkeypatch, answers=True)
    portal.goes_on.set()
    send(open_desk(two_packages, "vanthu"), PORTAL)
    assert states(two_packages) == [SENT, SENT]


async def test_an_import_is_written_whole_before_the_session_ends(
    store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one act on the loop of the keys: the order to end, which comes in the middle, is heard afterwards."""
    mark = Cell(Period.END_YEAR, "TOAN", "level")
    pupils = typable(open_desk(store_root, "gv.5a"))[:5]
    writes = IntakePage._write
    async with at_work(store_root) as (pilot, seen):

        def write(page: IntakePage, *rest: Any) -> None:
            door.send(seen.listener, {"say": "end", "why": "stop"})
            writes(page, *rest)

        monkeypatch.setattr(IntakePage, "_write", write)
        seen.app.open_page("intake", kind="results", class_key="5A", period=Period.END_YEAR)
        await until_on(pilot, IntakePage)
        await pilot.pause()
        assert pilot.app.screen.focused is not None
        pilot.app.screen.focused.post_message(
            Paste("Họ tên\tToán mức\n" + "\n".join(f"{one.name}\tC" for one in pupils))
        )
        await until(pilot, lambda: "5 ô thay đổi" in status(pilot))
        await pilot.press("f2")
        await until(pilot, lambda: not seen.app.is_running)
        assert seen.app.parting == PARTINGS["stop"]
    after = open_desk(store_root, "gv.5a").results("5A")
    assert [after[pupil.key].text(mark) for pupil in pupils] == ["C"] * 5
