"""Two people at one thing: tell the second one who has changed what they were looking at, and when."""

from __future__ import annotations

from collections.abc import Collection

from hocba_tui.errors import Conflict
from hocba_tui.flow.open_school import OpenSchool
from hocba_tui.text import moment


def changed_since(school: OpenSchool, table: str, key: str, fields: Collection[str], what: str) -> Conflict:
    """Return the conflict over fields of a document that are not as a person was shown them.

    ``what`` says in a few words what was changed, of whom.
    """
    for entry in school.shard.latest(key=key):
        if any((edit.table, edit.key) == (table, key) and edit.field in fields for edit in entry.edits):
            who = school.staff(entry.actor).name or entry.actor
            told = f"{who} vừa đổi {what}, {moment(entry.at)}."
            break
    else:
        told = f"Ai đó vừa đổi {what}."
    return Conflict(told, "Xem lại rồi làm lại nếu vẫn muốn đổi.", "Chưa ghi gì đè lên.")
