"""Approve what was submitted, or return it with a reason; both are the principal's acts."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from hocba_tui.errors import NotAllowed, Refused, StoreUnusable
from hocba_tui.flow.desk import ISSUE_ROUNDS, RECORDS, Desk, OpenClass, OpenSchool
from hocba_tui.flow.records.sign_batch import Done, Gate, Job, jobs_at, sign_records
from hocba_tui.model.record import Record
from hocba_tui.model.school import IssueRound
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.rules.permits import Act
from hocba_tui.rules.transitions import may_move
from hocba_tui.signing.signer import Signer
from hocba_tui.store.backend import Edit
from hocba_tui.text import clean_line


async def approve(desk: Desk, class_key: str, signer: Signer, gate: Gate | None = None) -> AsyncGenerator[Done, None]:
    """Sign CBQL on every submitted record of a class, in the name that its round froze."""
    opened = desk.open_class(class_key, Act.APPROVE)
    jobs = approvable(opened)
    async with aclosing(sign_records(desk, opened, Slot.PRINCIPAL, jobs, signer, "approve", gate)) as batch:
        async for done in batch:
            yield done


def jobs_to_approve(desk: Desk, class_key: str) -> list[Job]:
    """Return the submitted records of a class.

    Raises Refused when none waits, NotAllowed when this person may not sign, StoreUnusable when the class can only be
    read or the school does not know the round of a record.
    """
    return approvable(desk.open_class(class_key, Act.APPROVE))


def approvable(opened: OpenClass) -> list[Job]:
    """Return the submitted records of a class that was opened to approve them, as :func:`jobs_to_approve` does."""
    opened.require_sound()
    school, jobs = opened.school, jobs_at(opened, RecordState.SUBMITTED)
    if not jobs:
        raise Refused(f"Lớp {opened.key} không có học bạ nào chờ duyệt.")
    for job in jobs:
        signer_of_round = _round_of(school, job.record).signer
        if opened.document(RECORDS, job.pupil.key).get(f"by.{Slot.HOMEROOM}") == school.account:
            raise NotAllowed(
                "Bạn là giáo viên chủ nhiệm đã nộp các học bạ này.", "Người khác trong ban giám hiệu duyệt."
            )
        if signer_of_round != school.account:
            raise NotAllowed(
                f"Đợt phát hành ghi người ký là {school.staff(signer_of_round).name}, không phải bạn.",
                "Người ghi trong đợt ký, hoặc mở đợt mới rồi trả lại để giáo viên nộp lại.",
            )
    return jobs


def _round_of(school: OpenSchool, record: Record) -> IssueRound:
    document = school.document(ISSUE_ROUNDS, record.round)
    if not document:
        raise StoreUnusable(
            f"Học bạ nêu đợt phát hành “{record.round}” mà sổ của trường không có: sổ của trường cũ hơn các lớp.",
            "Báo người phụ trách máy chủ: hocba store check, rồi đưa lại bản mới nhất của thư mục school.",
            "Chưa ký gì.",
        )
    return IssueRound.from_fields(record.round, document)


def send_back(desk: Desk, class_key: str, pupil_key: str, reason: str) -> None:
    """Return a record to draft with a reason; its frozen bytes and signatures stay in the history."""
    opened = desk.open_class(class_key, Act.RETURN)
    reason = clean_line(reason)
    if not reason:
        raise Refused("Trả lại thì phải ghi lí do để giáo viên biết cần sửa gì.")
    document, record = opened.document(RECORDS, pupil_key), opened.record(pupil_key)
    if not may_move(record.state, RecordState.DRAFT):
        raise Refused(
            f"Học bạ này {record.state.label}; không trả lại được.",
            "Học bạ đã phát hành chỉ sửa bằng cách thu hồi và tạo bản mới.",
        )
    edits = [Edit(RECORDS, pupil_key, name, value, None) for name, value in document.items() if name != "reason"]
    edits.append(Edit(RECORDS, pupil_key, "reason", document.get("reason"), reason))
    opened.shard.change(desk.account, "return", edits, reason)
