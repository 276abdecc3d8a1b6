"""What a verdict tells whom: of a pupil's sensitive fields only those that the reader may read."""

from __future__ import annotations

from dataclasses import replace

from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.trust.verdict import FileVerdict
from hocba_tui.export.words import Judgement
from hocba_tui.model.school import ClassRoom, Staff
from hocba_tui.rules.reading import FIELDS, Sensitive, readable

_YEAR = {"year.height": Sensitive.HEALTH, "year.weight": Sensitive.HEALTH}
_NUMBER = ".personal_id"
"""How the name of a fact ends that is a person's number: the pupil's, or that of who signed."""


def readable_of_anybody(person: Staff) -> frozenset[Sensitive]:
    """Return the groups of fields that a person may read of every pupil, whatever the class or school."""
    return readable(person, ClassRoom(""))


def verdict_as_read(found: Judgement, groups: frozenset[Sensitive]) -> Judgement:
    """Return the verdict without the values that are in none of ``groups``.

    Of a file that is no record of a known form nobody knows which value is what: without all groups none is shown.
    """
    if groups == frozenset(Sensitive):
        return found
    if not isinstance(found, FileVerdict):
        return replace(found, values=())
    return record_as_read(found, groups)


def record_as_read(found: FileVerdict, groups: frozenset[Sensitive]) -> FileVerdict:
    """Return the verdict on a record without the values that are in none of ``groups``."""
    if not found.values:
        return found
    group = {field.tag: _group(field.source) for field in load_profile(found.profile).fields}
    shown = {tag: text for tag, text in found.values.items() if group.get(tag) is None or group[tag] in groups}
    return replace(found, values=shown)


def _group(source: str) -> Sensitive | None:
    if source.endswith(_NUMBER):
        return Sensitive.IDENTITY
    return _YEAR.get(source) or FIELDS.get(source.removeprefix("pupil."))
