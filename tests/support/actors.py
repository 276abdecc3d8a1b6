"""One account for each thing that somebody may be to class 5A, for tests of the whole table of permissions."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.flow.desk import CLASSES, STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.store.backend import Edit, Value, edits_for

OWN, SUBJECT = "gv.5a", "day.tin"
"""The homeroom teacher of 5A, and who teaches Tin học there."""
YEAR = ("2025-09-05", "2026-08-31", "12/QĐ-TH")
ENDED = ("2024-09-05", "2026-06-09", "3/QĐ-TH")
"""Days and decision of a duty that holds on the demo school's day, and of one that ended the day before."""
MADE: dict[str, dict[str, Value]] = {
    SUBJECT: {"roles": ["teacher"]},
    "day.quantri": {"roles": ["teacher", "administrator"]},
    "xem": {"roles": ["observer"]},
    "gv.moi": {"roles": ["teacher"]},
    "to.truong": {"roles": ["teacher"], "posts": [["group_head", *YEAR, [5], []]]},
    "to.bon": {"roles": ["teacher"], "posts": [["group_head", *YEAR, [4], ["TOAN", "TIN"]]]},
    "to.het": {"posts": [["group_head", *ENDED, [5], []], ["working_group", *ENDED, [], []]]},
    "to.congtac": {"posts": [["working_group", *YEAR, [], []]]},
    "to.cu": {"roles": ["group_head", "working_group"]},
    "ht.quantri": {"roles": ["principal", "administrator"]},
    "ht.cu": {"roles": ["principal", "clerk", "administrator"], "left": "2026-01-01"},
}
"""Who teaches 5A and keeps the accounts, who only looks, who has no class, the heads of the groups of grade 5 and of
grade 4, whose duty has ended, the working group, who has both from a version before, a head who keeps the accounts, who
left."""
ACTORS = (OWN, "gv.4a", *MADE, "hieutruong", "phohieutruong", "vanthu", "admin")


def add_actors(root: Path) -> None:
    """Add the accounts that the demo school lacks: a teacher of one subject, an observer, a stranger, two in one."""
    desk = open_desk(root, "hieutruong")
    held = desk.school_shard.document(CLASSES, "5A")
    teachers = {**held["teachers"], "TIN": SUBJECT, "AN": "day.quantri"}
    edits = [Edit(CLASSES, "5A", "teachers", held["teachers"], teachers)]
    for key, document in MADE.items():
        edits += edits_for(STAFF, key, {}, {"name": f"Người {key}", "title": "Giáo viên", **document})
    desk.school_shard.change("test", "test", edits)
