"""Review a class: what is missing or odd, and which pupils are ready."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hocba_tui.flow.desk import Desk, OpenClass
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.record import Record
from hocba_tui.model.results import Cell, Results
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import RecordState
from hocba_tui.rules.keepers import keeper_account
from hocba_tui.rules.permits import Act
from hocba_tui.rules.reading import Sensitive, may_read_cell, may_read_field
from hocba_tui.rules.review import CARRY, GAP, review_class


@dataclass(frozen=True)
class ClassReview:
    """A class as it is now: its pupils, their records and all findings of the rules."""

    classroom: ClassRoom
    pupils: tuple[Pupil, ...]
    records: dict[str, Record]
    findings: tuple[Finding, ...]
    counted: tuple[Finding, ...] = ()
    """All findings, also those about fields that the actor may not read: they decide who is ready."""

    def keeper(self, finding: Finding) -> str:
        """Return the account that enters what a finding is about; the homeroom teacher's for facts of a pupil."""
        parts = finding.field.count(".") == 2
        return (keeper_account(Cell.parse(finding.field), self.classroom) or "") if parts else self.classroom.homeroom

    def of(self, pupil: str, prefix: str = "") -> tuple[Finding, ...]:
        """Return one pupil's findings whose code begins with ``prefix``."""
        return tuple(f for f in self.findings if f.pupil == pupil and f.code.startswith(prefix))

    @property
    def drafts(self) -> tuple[Pupil, ...]:
        """Return the pupils whose record is not submitted yet."""
        return tuple(p for p in self.pupils if self.records[p.key].state is RecordState.DRAFT)

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """Return the findings about what still has to be entered for pupils in draft."""
        drafts = {pupil.key for pupil in self.drafts}
        return tuple(f for f in self.findings if f.code.startswith(GAP) and f.pupil in drafts)

    @property
    def held_back(self) -> dict[str, tuple[Finding, ...]]:
        """Return the pupils whose record the format cannot carry at present, with the reasons."""
        found = {pupil.key: self.of(pupil.key, CARRY) for pupil in self.drafts}
        return {key: reasons for key, reasons in found.items() if reasons}

    @property
    def ready(self) -> tuple[Pupil, ...]:
        """Return the pupils in draft who have no error."""
        wrong = {f.pupil for f in self.counted or self.findings if f.severity is Severity.ERROR}
        return tuple(pupil for pupil in self.drafts if pupil.key not in wrong)

    def count(self, *states: RecordState) -> int:
        """Return how many studying pupils have a record in one of ``states``."""
        return sum(1 for pupil in self.pupils if self.records[pupil.key].state in states)


def review(desk: Desk, class_key: str) -> ClassReview:
    """Return the review of a class that the actor may see: what they enter first, without what they may not read."""
    opened = desk.open_class(class_key, Act.VIEW_CLASS)
    found = review_of(opened)
    shown = (finding for finding in found.findings if _may_read(finding, opened.readable))
    own = sorted(shown, key=lambda finding: found.keeper(finding) != opened.school.account)
    return replace(found, pupils=opened.shown_pupils(), findings=tuple(own), counted=found.findings)


def _may_read(finding: Finding, groups: frozenset[Sensitive]) -> bool:
    if finding.field.count(".") == 2:
        return may_read_cell(Cell.parse(finding.field), groups)
    return all(may_read_field(name, groups) for name in finding.field.split())


def review_of(opened: OpenClass) -> ClassReview:
    """Return the review of a class that is open."""
    classroom, pupils, empty = opened.classroom, opened.pupils(), Results({})
    by_key = {pupil.key: opened.results.get(pupil.key, empty) for pupil in pupils}
    return ClassReview(classroom, pupils, dict(opened.records), review_class(pupils, classroom, by_key))
