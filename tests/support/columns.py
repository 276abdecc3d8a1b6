"""The columns of the tables in docs/quyen.md."""

from __future__ import annotations

from hocba_tui.model.values import Role
from hocba_tui.rules.permits import Relation

COLUMNS: dict[str, Role | Relation] = {
    "GVCN": Relation.HOMEROOM,
    "Giáo viên môn": Relation.SUBJECT,
    **{role.label: role for role in Role if role is not Role.TEACHER},
}
"""A teacher without a class may do nothing, and so has no column."""
