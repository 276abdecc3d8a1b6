"""Verify an issued file; the verdict is lines for a person."""

from __future__ import annotations

from datetime import datetime

from hocba_tui.export.report import details, headline
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.desk import RECORDS, Desk
from hocba_tui.flow.records.signatures import assembled, pinned_issuers, settle_file
from hocba_tui.model.record import Record
from hocba_tui.model.values import Slot
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Shard


def verify_issued(desk: Desk, class_key: str, pupil_key: str) -> tuple[str, ...]:
    """Return the verdict on a pupil's issued file, its steps and its signatures, as lines."""
    desk.require(Act.VIEW_CLASS, desk.classroom(class_key))
    shard = desk.class_shard(class_key)
    record = Record.from_fields(pupil_key, shard.document(RECORDS, pupil_key))
    settle_file(desk, shard, record)
    desk.store.log_access(desk.actor.key, "verify", f"{class_key}/{pupil_key}")
    data = desk.store.issued(record.uuid)
    existed = _noted_at(shard, record) if data == assembled(shard, record) else None
    found = verify(data, pinned_issuers(desk), record.profile, now=desk.clock.now(), existed=existed)
    name = found.values.get("HO_VA_TEN", record.uuid)
    return (headline(name, found), *details(found))


def _noted_at(shard: Shard, record: Record) -> datetime | None:
    """Return when the class's journal named the seal that the record has: by then all its signatures existed."""
    kept = (record.signatures or {}).get(Slot.SEAL)
    for entry in shard.history(RECORDS, record.pupil, f"signed.{Slot.SEAL}"):
        if any(edit.field == f"signed.{Slot.SEAL}" and edit.after == kept for edit in entry.edits):
            return datetime.fromisoformat(entry.at)
    return None
