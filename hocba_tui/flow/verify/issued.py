"""Verify an issued file; the verdict is lines for a person."""

from __future__ import annotations

from datetime import datetime

from hocba_tui.export.report import details, headline
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.desk import RECORDS, Desk
from hocba_tui.flow.records.signatures import assembled, pinned_issuers, settle_file
from hocba_tui.flow.verify.as_read import record_as_read
from hocba_tui.model.record import Record
from hocba_tui.model.values import Slot
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Shard


def verify_issued(desk: Desk, class_key: str, pupil_key: str) -> tuple[str, ...]:
    """Return the verdict on a pupil's issued file, its steps and its signatures, as lines."""
    opened = desk.open_class(class_key, Act.VIEW_CLASS)
    record = opened.record(pupil_key)
    data = settle_file(opened, record)
    desk.store.log_access(desk.account, "verify", class_key=class_key, pupil=pupil_key)
    existed = _noted_at(opened.shard, record) if data == assembled(opened.shard, record) else None
    found = verify(data, pinned_issuers(desk, opened.school), record.profile, now=desk.clock.now(), existed=existed)
    found = record_as_read(found, opened.readable)
    name = found.values.get("HO_VA_TEN", record.uuid)
    return (headline(name, found), *details(found))


def _noted_at(shard: Shard, record: Record) -> datetime | None:
    """Return when the class's journal named the seal that the record has: by then all its signatures existed."""
    kept = (record.signatures or {}).get(Slot.SEAL)
    for entry in shard.history(RECORDS, record.pupil, f"signed.{Slot.SEAL}"):
        if any(edit.field == f"signed.{Slot.SEAL}" and edit.after == kept for edit in entry.edits):
            return datetime.fromisoformat(entry.at)
    return None
