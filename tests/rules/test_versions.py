"""Rules by school year: the second version differs only where the law is known to differ."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from hocba_tui.model.results import Results
from hocba_tui.model.values import Outcome
from hocba_tui.rules.outcome import outcome_of
from hocba_tui.rules.versions import VERSIONS, ruleset_of
from tests.support.whole_year import PUPIL, room_of, whole_year


@pytest.mark.parametrize(
    ("year", "since"),
    [
        ("", "2024-2025"),
        ("2023-2024", "2024-2025"),
        ("2024-2025", "2024-2025"),
        ("2025-2026", "2024-2025"),
        ("2026-2027", "2026-2027"),
        ("2030-2031", "2026-2027"),
    ],
)
def test_a_year_has_the_version_that_was_law_then(year: str, since: str) -> None:
    assert ruleset_of(year).since == since


def test_only_what_the_law_changed_differs_in_2026_2027() -> None:
    old, new = VERSIONS
    differing = {field.name for field in fields(old) if getattr(old, field.name) != getattr(new, field.name)}
    assert differing == {"since", "charter", "records"}


def test_the_year_of_the_class_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    stricter = replace(VERSIONS[0], since="2031-2032", excellent=10)
    monkeypatch.setattr("hocba_tui.rules.versions.VERSIONS", (*VERSIONS, stricter))
    room, results = room_of(5), Results(whole_year(room_of(5), score=9))
    assert outcome_of(PUPIL, replace(room, year="2030-2031"), results) is Outcome.HTXS
    assert outcome_of(PUPIL, replace(room, year="2031-2032"), results) is Outcome.HTT
