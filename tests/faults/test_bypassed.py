"""Every kind of accident once, that bypasses hocba while several write; and a store without its rules is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.accidents import ACCIDENTS, cut_at_a_line, journal_older
from tests.faults.bypassed import ENDED, KILLED, OPEN, Office, Round, each_once

ROUNDS = list(each_once(seed=1))
BY_NAME = {accident.name: accident for accident in ACCIDENTS}
CLASS = "2025-2026/5A"


@pytest.mark.parametrize("one", ROUNDS, ids=lambda one: f"{one.accident.name}-{one.when}".replace(" ", "_"))
def test_nothing_acknowledged_is_lost_in_silence(tmp_path: Path, one: Round) -> None:
    verdict = Office(tmp_path).play(one)
    assert verdict.wrong == []
    assert verdict.changes > 20
    assert bool(verdict.refused) or one.accident.harmless or one.accident.name == "journal_away_and_back"


def test_every_kind_happens() -> None:
    assert {one.accident for one in ROUNDS if one.when == OPEN} == set(ACCIDENTS)
    assert {ENDED, KILLED} < {one.when for one in ROUNDS}


def test_a_store_that_writes_into_any_file_is_found_out(tmp_path: Path) -> None:
    verdict = Office(tmp_path, spoilt="place").play(Round(BY_NAME[journal_older.__name__], CLASS, OPEN, 3))
    assert [what for what in verdict.wrong if "is saved, after the accident, and it is not" in what]


def test_a_store_that_notes_no_heads_is_found_out(tmp_path: Path) -> None:
    verdict = Office(tmp_path, spoilt="heads").play(Round(BY_NAME[journal_older.__name__], CLASS, ENDED, 3))
    assert [what for what in verdict.wrong if "the check says nothing" in what]


def test_a_check_that_does_not_ask_how_far_the_disk_was_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hocba_tui.store.checking.durable_size", lambda _: 0)
    verdict = Office(tmp_path).play(Round(BY_NAME[cut_at_a_line.__name__], CLASS, KILLED, 3))
    assert [what for what in verdict.wrong if "the check finds nothing" in what]
