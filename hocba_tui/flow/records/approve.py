"""Approve what was submitted, or return it with a reason; both are the principal's acts."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import RECORDS, Desk
from hocba_tui.flow.records.jobs import Done
from hocba_tui.flow.records.ready import approvable
from hocba_tui.flow.records.sign_batch import Gate, sign_records
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
