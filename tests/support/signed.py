"""All steps of the small school's class 5A, for tests that need signed records."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.approve import approve
from hocba_tui.flow.records.issue import issue
from hocba_tui.flow.records.jobs import Done
from hocba_tui.flow.records.keys import unlock
from hocba_tui.flow.records.offline_files import SignedAnswers, read_request
from hocba_tui.flow.records.offline_signer import RecordToSign, find_token_for, show, sign_request
from hocba_tui.flow.records.submit import submit
from hocba_tui.flow.school.issue_rounds import open_round
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Slot
from hocba_tui.signing.signer import Request
from hocba_tui.signing.training import PIN

Verb = Callable[..., AsyncGenerator[Done, None]]


async def each(*requests: Request) -> AsyncIterator[Request]:
    """Yield the requests one by one, as a signer expects."""
    for request in requests:
        yield request


def fill_gaps(root: Path, demo: DemoSchool) -> None:
    """Enter what is still missing in 5A."""
    typed = [
        Typed(pupil, Cell.parse(field), str(value), None)
        for pupil, fields in demo.finished.items()
        for field, value in fields.items()
    ]
    assert enter(open_desk(root, "gv.5a"), "5A", typed).refused == ()


def sign(root: Path, account: str, slot: Slot, verb: Verb, pin: str = PIN, **options: bool) -> list[Done]:
    """Run one signing verb to its end."""

    async def run() -> list[Done]:
        desk = open_desk(root, account)
        signer = await unlock(desk, slot, pin)
        try:
            return [done async for done in verb(desk, "5A", signer, **options)]
        finally:
            await signer.close()

    return asyncio.run(run())


def open_first_round(root: Path) -> None:
    """Open a round as the principal."""
    open_round(open_desk(root, "hieutruong"), "Liễu Đề", "12/06/2026")


def submit_class(root: Path) -> list[Done]:
    """Submit the class as its homeroom teacher."""
    return sign(root, "gv.5a", Slot.HOMEROOM, submit)


def approve_class(root: Path) -> list[Done]:
    """Approve the class as the principal."""
    return sign(root, "hieutruong", Slot.PRINCIPAL, approve)


def issue_class(root: Path) -> list[Done]:
    """Seal the class as the clerk."""
    return sign(root, "vanthu", Slot.SEAL, issue)


def whole_way(root: Path, demo: DemoSchool) -> Desk:
    """Do all steps from the last entries to sealed files; return the clerk's desk."""
    fill_gaps(root, demo)
    open_first_round(root)
    submit_class(root)
    approve_class(root)
    issue_class(root)
    return open_desk(root, "vanthu")


def sign_elsewhere(data: bytes, chosen: Sequence[int] | None = None) -> SignedAnswers:
    """Sign a request as the other computer does, all of it or only the ``chosen`` ones."""

    async def run() -> SignedAnswers:
        request = read_request(data)
        shown = show(request)
        records: Sequence[RecordToSign] = shown if chosen is None else [shown[number] for number in chosen]
        token = await find_token_for(request)
        answers = [a async for _, a in sign_request(request, records, token, PIN, Clock().now)]
        return answers[-1]

    return asyncio.run(run())
