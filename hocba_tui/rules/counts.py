"""Count a class, so that nobody has to review it again to know how much is missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from hocba_tui.model.counts import ClassCounts, Gaps
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.finding import Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record
from hocba_tui.model.results import Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Period
from hocba_tui.rules.gaps import missing_cells
from hocba_tui.rules.review import review_class


def count_class(
    pupils: Sequence[Pupil], classroom: ClassRoom, results: Mapping[str, Results], records: Mapping[str, Record]
) -> ClassCounts:
    """Return the counts of a class; ``pupils`` are those who study there, each with a record in ``records``."""
    empty = Results({})
    own = {pupil.key: results.get(pupil.key, empty) for pupil in pupils}
    wrong = {found.pupil for found in review_class(pupils, classroom, own) if found.severity is Severity.ERROR}
    drafts = [pupil for pupil in pupils if records[pupil.key].editable]
    return ClassCounts(
        states=Counter(records[pupil.key].state for pupil in pupils),
        ready=sum(pupil.key not in wrong for pupil in drafts),
        returned=sum(bool(records[pupil.key].reason) for pupil in drafts),
        gaps={period: gaps for period in Period if (gaps := _gaps(drafts, classroom, own, period))},
    )


def _gaps(
    drafts: Sequence[Pupil], classroom: ClassRoom, results: Mapping[str, Results], period: Period
) -> dict[str, Gaps]:
    cells, pupils = Counter[str](), defaultdict[str, set[str]](set)
    for pupil in drafts:
        for cell in missing_cells(pupil, classroom, results[pupil.key], period):
            item = cell.item if cell.item in SUBJECTS else ""
            cells[item] += 1
            pupils[item].add(pupil.key)
    return {item: Gaps(count, len(pupils[item])) for item, count in cells.items()}
