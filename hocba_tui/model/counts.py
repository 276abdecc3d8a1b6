"""What is counted of a class: how much is missing, how many records are where. No name and no pupil is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from hocba_tui.model.values import Period, RecordState


class Gaps(NamedTuple):
    """Empty cells, and of how many pupils."""

    cells: int
    pupils: int


NO_GAPS = Gaps(0, 0)


@dataclass(frozen=True)
class ClassCounts:
    """The counts of one class, of the pupils who study there."""

    states: Mapping[RecordState, int] = field(default_factory=dict)
    """How many records are in each state; together they are all pupils."""
    ready: int = 0
    """Records in draft of which the review finds nothing wrong."""
    returned: int = 0
    """Records in draft that were returned with a reason."""
    gaps: Mapping[Period, Mapping[str, Gaps]] = field(default_factory=dict)
    """What is still to be entered for pupils in draft, by period and subject; the homeroom teacher's under ``""``."""

    @property
    def pupils(self) -> int:
        """Return how many pupils there are."""
        return sum(self.states.values())

    def count(self, *states: RecordState) -> int:
        """Return how many records are in one of ``states``."""
        return sum(self.states.get(state, 0) for state in states)

    def missing(self, period: Period) -> int:
        """Return how many cells are empty in a period."""
        return sum(found.cells for found in self.gaps.get(period, {}).values())

    def to_fields(self) -> dict[str, Any]:
        """Return the counts as JSON can hold them."""
        return {
            "states": {state.value: count for state, count in self.states.items()},
            "ready": self.ready,
            "returned": self.returned,
            "gaps": {
                period.value: {item: list(gaps) for item, gaps in found.items()} for period, found in self.gaps.items()
            },
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Build from what :meth:`to_fields` returned; raise KeyError, TypeError, ValueError or AttributeError else."""
        return cls(
            {RecordState(state): _number(count) for state, count in fields["states"].items()},
            _number(fields["ready"]),
            _number(fields["returned"]),
            {
                Period(period): {str(item): Gaps(*map(_number, gaps)) for item, gaps in found.items()}
                for period, found in fields["gaps"].items()
            },
        )


def _number(found: object) -> int:
    if type(found) is not int or found < 0:
        raise ValueError(found)
    return found
