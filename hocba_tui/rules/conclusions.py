"""Where a file draws another conclusion about a pupil than the rules do (TT 27/2020, Điều 9.2a, 11)."""

from __future__ import annotations

from typing import NamedTuple

from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.outcome import completion_of, outcome_of


class Said(NamedTuple):
    """What a file concludes; empty and None where it says nothing."""

    outcome: str = ""
    """A code of Outcome, or any other text found there."""
    completed: bool | None = None
    promoted: bool | None = None


def contradictions(said: Said, pupil: Pupil, classroom: ClassRoom, results: Results) -> tuple[str, ...]:
    """Return, in Vietnamese, where ``said`` differs from what the end-of-year results lead to.

    Without enough data there is no result of our own, so only a result that the file claims is reported;
    nothing is reported for a pupil who is not assessed.
    """
    if not pupil.assessed:
        return ()
    outcome = outcome_of(pupil, classroom, results)
    if outcome is None:
        return (f"tệp ghi {said.outcome}, nhưng chưa đủ dữ liệu để đánh giá",) if said.outcome else ()
    found = []
    if said.outcome and said.outcome != outcome:
        found.append(f"tệp ghi {said.outcome}, theo các mức và điểm là {outcome.value}")
    completion = completion_of(outcome, pupil, classroom, results)
    for name, claimed, is_so in (
        ("hoàn thành chương trình", said.completed, completion.completed),
        ("được lên lớp", said.promoted, completion.promoted),
    ):
        if claimed is not None and claimed != is_so:
            found.append(f"tệp ghi {name}: {_yes(claimed)}, theo kết quả là {_yes(is_so)}")
    return tuple(found)


def _yes(is_so: bool) -> str:
    return "có" if is_so else "không"
