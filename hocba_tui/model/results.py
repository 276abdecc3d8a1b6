"""A pupil's results of one year, as cells with stable names.

A cell is named ``period.item.aspect``: ``end_year.TOAN.score``, ``mid_1.YN.level``,
``end_year.qualities.comment``, ``end_year.homeroom.comment``; facts of the year are
``year.height.value`` and so on. The name is the field in the store's document, so that two
teachers who change different cells never conflict with each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hocba_tui.model.curriculum import TraitGroup
from hocba_tui.model.values import Period

Value = str | int | float | bool | None
"""What one cell can hold."""

Document = Mapping[str, object]

LEVEL, SCORE, COMMENT, ATTEMPTS = "level", "score", "comment", "attempts"
HOMEROOM = "homeroom"
YEAR = "year"


class Cell(NamedTuple):
    """The address of one value of one pupil."""

    period: str
    item: str
    aspect: str

    @property
    def field(self) -> str:
        """Return the field name in the store."""
        return f"{self.period}.{self.item}.{self.aspect}"

    @classmethod
    def parse(cls, field: str) -> Cell:
        """Return the cell named by ``field``; raise ValueError when it is not a cell's name."""
        period, item, aspect = field.split(".")
        return cls(period, item, aspect)


HEIGHT = Cell(YEAR, "height", "value")
WEIGHT = Cell(YEAR, "weight", "value")
ABSENT_EXCUSED = Cell(YEAR, "absent_excused", "value")
ABSENT_UNEXCUSED = Cell(YEAR, "absent_unexcused", "value")
AWARD_TITLE = Cell(YEAR, "award", "title")
"""``TB`` where the pupil was given the title Tiêu biểu; Xuất sắc follows from the outcome (Điều 13.1a)."""
AWARD_REASON = Cell(YEAR, "award", "reason")
"""The reason for Tiêu biểu: the subject of outstanding work, or the quality or competency of clear progress."""
AWARD_RECOGNISED = Cell(YEAR, "award", "recognised")
"""``1`` when the class has recognised the Tiêu biểu."""
AWARD = Cell(YEAR, "award", "text")
"""Other commendations, free text."""
AWARD_EXTRA = Cell(YEAR, "award_extra", "text")
PROMOTED = Cell(YEAR, "promoted", "decision")
"""The principal's decision for a pupil who has not completed the year (Điều 11.1c): "1" or "0"."""

PROMOTED_BY = Cell(YEAR, "promoted", "by")
PROMOTED_ON = Cell(YEAR, "promoted", "on")
"""Who decided (account) and when (ISO date); written with the decision."""
REASSESSMENTS = Cell(YEAR, "additional", "rounds")
"""Reassessments in the summer (Điều 11.1b), a list of :class:`Reassessment`."""

YEAR_CELLS: dict[Cell, str] = {
    HEIGHT: "Chiều cao (cm)",
    WEIGHT: "Cân nặng (kg)",
    ABSENT_EXCUSED: "Số buổi nghỉ có phép",
    ABSENT_UNEXCUSED: "Số buổi nghỉ không phép",
    AWARD_TITLE: "Danh hiệu Tiêu biểu",
    AWARD_REASON: "Lí do danh hiệu",
    AWARD_RECOGNISED: "Tập thể lớp công nhận",
    AWARD: "Khen thưởng khác",
    AWARD_EXTRA: "Khen thưởng đột xuất",
    PROMOTED: "Quyết định lên lớp",
}


class Attempt(NamedTuple):
    """One periodic test of a subject; the last one counts (TT 27/2020 Điều 7.1d)."""

    score: int
    day: str
    """ISO date; empty for a first test whose date is unknown."""
    reason: str = ""


class Reassessment(NamedTuple):
    """One round of additional assessment after the year's end (TT 27/2020 Điều 11.1b)."""

    day: str
    by: str
    """Account of the assessor."""
    fields: Sequence[str]
    """Names of the cells that were assessed again."""
    outcome: str
    """Result of the year after the round."""
    note: str = ""


def attempts_cell(period: str, subject: str) -> Cell:
    """Return the cell that keeps all attempts of a score."""
    return Cell(period, subject, ATTEMPTS)


def is_companion(cell: Cell) -> bool:
    """Return whether the cell changes only together with another one; nobody types into it."""
    return cell.aspect == ATTEMPTS or cell in (PROMOTED_BY, PROMOTED_ON, REASSESSMENTS)


def homeroom_comment(period: Period) -> Cell:
    """Return the cell of the homeroom teacher's overall comment."""
    return Cell(period, HOMEROOM, COMMENT)


@dataclass(frozen=True)
class Results:
    """A read-only view of one pupil's document of results."""

    fields: Document

    def text(self, cell: Cell) -> str:
        """Return the cell as text, empty when it holds nothing."""
        value = self.fields.get(cell.field)
        return "" if value is None else str(value)

    def number(self, cell: Cell) -> float | None:
        """Return the cell as a number, None when it holds nothing."""
        value = self.fields.get(cell.field)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def level(self, period: Period, item: str) -> str:
        """Return the level letter of a subject or trait, empty when missing."""
        return self.text(Cell(period, item, LEVEL))

    def score(self, period: Period, subject: str) -> int | None:
        """Return the score of the last periodic test, None when missing."""
        return self.whole(Cell(period, subject, SCORE))

    def whole(self, cell: Cell) -> int | None:
        """Return the cell as a whole number, None when it holds nothing or anything else."""
        value = self.fields.get(cell.field)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def attempts(self, period: str, subject: str) -> tuple[Attempt, ...]:
        """Return the tests of a subject, oldest first; empty when there was one test or none."""
        rows = self.fields.get(attempts_cell(period, subject).field)
        return tuple(Attempt(*row) for row in rows) if isinstance(rows, list) else ()

    def reassessments(self) -> tuple[Reassessment, ...]:
        """Return the reassessments (Điều 11.1b), oldest first."""
        rows = self.fields.get(REASSESSMENTS.field)
        return tuple(Reassessment(*row) for row in rows) if isinstance(rows, list) else ()

    def comment(self, period: Period, item: str | TraitGroup) -> str:
        """Return the comment of a subject, a group of traits, or the homeroom teacher."""
        return self.text(Cell(period, str(item), COMMENT))
