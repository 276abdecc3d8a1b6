"""Values for the cells of an Excel file: one named source for each fact of a pupil."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hocba_tui.export.excel.workbook import CellValue
from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import AWARD_EXTRA, COMMENT, HOMEROOM, LEVEL, PROMOTED, SCORE, Cell, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Outcome, Period
from hocba_tui.rules.awards import award_text
from hocba_tui.rules.curriculum import class_for, subjects_for, subjects_of, traits_for
from hocba_tui.rules.outcome import Completion, completion_of, outcome_of
from hocba_tui.rules.pupil_status import words_for
from hocba_tui.text import day_first

EXEMPT = "M"
"""Level and score of a subject from which the pupil is exempt (national dictionary: diemkiemtradinhky)."""

_PLAIN = (
    "code", "name", "personal_id", "ethnic", "nationality", "birthplace", "hometown", "address", "father", "mother",
    "guardian", "register_no", "disability", "left_reason",
)  # fmt: skip
_FACTS = (
    "number", "class_code", "class_name", "birth", "sex", "status", "status_date", "note", "outcome", "completed",
    "promoted", "not_promoted", "awarded",
)  # fmt: skip


@dataclass(frozen=True)
class PupilRow:
    """One pupil's row in a file."""

    number: int
    pupil: Pupil
    classroom: ClassRoom
    results: Results
    period: Period
    mark: str = "x"

    def value(self, source: str) -> CellValue:
        """Return what ``source`` (a name of ``SOURCES``) says of this pupil; None where nothing is known."""
        if source in _PLAIN:
            return str(getattr(self.pupil, source)) or None
        if source in _FACTS:
            fact: CellValue | bool = getattr(self, source)
            return (self.mark if fact else None) if isinstance(fact, bool) else fact or None
        item, _, aspect = source.partition(".")
        if item == "outcome":
            return self.mark if self.outcome == aspect else None
        if aspect in (LEVEL, SCORE):
            if item in self._exempt:
                return EXEMPT
            if item not in self._assessed_in:
                return None
        if aspect == SCORE:
            return self.results.score(self.period, item)
        return self.results.text(Cell(self.period, item, aspect)) or None

    @property
    def class_code(self) -> str:
        """Return the Ministry's code of the class, its name where it has none."""
        return self.classroom.code or self.classroom.key

    @property
    def class_name(self) -> str:
        """Return the name of the class."""
        return self.classroom.key

    @property
    def birth(self) -> str:
        """Return the birth date as dd/mm/yyyy."""
        return day_first(self.pupil.birth)

    @property
    def sex(self) -> str:
        """Return Nam or Nữ."""
        return Sex(self.pupil.sex).label

    @property
    def status(self) -> str:
        """Return the status as the list of CSDL ngành has it (rules/pupil_status)."""
        return words_for(self.pupil.left, self.pupil.left_reason)

    @property
    def status_date(self) -> str:
        """Return the day of leaving, or of coming, as dd/mm/yyyy."""
        return day_first(self.pupil.left or self.pupil.joined)

    @cached_property
    def outcome(self) -> Outcome | None:
        """Return the result of the year; there is none in any other period."""
        if self.period is not Period.END_YEAR:
            return None
        return outcome_of(self.pupil, self.classroom, self.results)

    @property
    def completed(self) -> bool:
        """Return whether the year is completed; not without a result of the year."""
        return self._completion is not None and self._completion.completed

    @property
    def promoted(self) -> bool:
        """Return whether it is known that the pupil goes up."""
        return self._going_up(up=True)

    @property
    def not_promoted(self) -> bool:
        """Return whether it is known that the pupil does not go up."""
        return self._going_up(up=False)

    @property
    def awarded(self) -> bool:
        """Return whether the pupil is commended, at the year's end or in between."""
        found = award_text(self.outcome, self.results) or self.results.text(AWARD_EXTRA)
        return self.period is Period.END_YEAR and bool(found)

    @property
    def note(self) -> str:
        """Return diện ưu tiên and khuyết tật (TT 27/2020, Phụ lục 2), and what M means."""
        pupil = self.pupil
        exempt = [subject.name for subject in SUBJECTS.values() if subject.code in self._exempt]
        notes = (
            pupil.policy,
            f"Khuyết tật: {pupil.disability}" if pupil.disability else "",
            "" if pupil.assessed else "Không đánh giá",
            f"{EXEMPT}: miễn {', '.join(exempt)}" if exempt else "",
        )
        return "; ".join(note for note in notes if note)

    @cached_property
    def _completion(self) -> Completion | None:
        if self.outcome is None:
            return None
        return completion_of(self.outcome, self.pupil, self.classroom, self.results)

    def _going_up(self, *, up: bool) -> bool:
        if self.period is Period.END_YEAR and not self.pupil.assessed:
            # There is no result of the year: only the principal's decision counts.
            return self.results.text(PROMOTED) == ("1" if up else "0")
        return self._completion is not None and self._completion.promoted is up

    @cached_property
    def _assessed_in(self) -> frozenset[str]:
        """Return the subjects, qualities and competencies in which this pupil is assessed."""
        subjects = {subject.code for subject in subjects_for(self.pupil, self.classroom)}
        return frozenset(subjects | {trait.code for trait in traits_for(self.pupil, self.classroom)})

    @cached_property
    def _exempt(self) -> frozenset[str]:
        """Return the subjects of the pupil's grade that this pupil need not study."""
        taught = {subject.code for subject in subjects_of(class_for(self.pupil, self.classroom))}
        return self.pupil.exempt_subjects & taught


SOURCES = frozenset(
    (
        *_PLAIN,
        *_FACTS,
        *(f"outcome.{outcome}" for outcome in Outcome),
        *(f"{code}.{aspect}" for code in SUBJECTS for aspect in (LEVEL, SCORE, COMMENT)),
        *(f"{code}.{LEVEL}" for code in TRAITS),
        *(f"{group}.{COMMENT}" for group in TraitGroup),
        f"{HOMEROOM}.{COMMENT}",
    )
)
"""All names that a layout may use; docs/bo-cuc-excel.md explains them."""
