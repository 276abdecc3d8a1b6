"""Verify an issued file; the verdict is lines for a person."""

from __future__ import annotations

from hocba_tui.export.report import details, headline
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.records.signatures import pinned_issuers, settle_file
from hocba_tui.rules.permits import Act


def verify_issued(desk: Desk, class_key: str, pupil_key: str) -> tuple[str, ...]:
    """Return the verdict on a pupil's issued file, its steps and its signatures, as lines."""
    opened = desk.open_class(class_key, Act.VIEW_CLASS)
    record = opened.record(pupil_key)
    settle_file(opened, record)
    desk.store.log_access(desk.account, "verify", f"{class_key}/{pupil_key}")
    found = verify(desk.store.issued(record.uuid), pinned_issuers(desk), record.profile)
    name = found.values.get("HO_VA_TEN", record.uuid)
    return (headline(name, found), *details(found))
