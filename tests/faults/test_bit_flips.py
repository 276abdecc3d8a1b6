"""Some bytes of a class's files changed: noticed and named, or harmless."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.store.journal_file import JOURNAL
from hocba_tui.store.shard import DATA
from tests.faults.bit_flips import BEHIND, HARMLESS, NAMED, TORN, Wrong, attempt, sweep
from tests.faults.damaged_class import SECTOR, SYNC, Harm, make_sample


def test_every_harm_is_named_or_harmless(tmp_path: Path) -> None:
    sample = make_sample(tmp_path / "store")
    counts, problems, _ = sweep(sample, tmp_path / "store", 97)
    assert problems == []
    assert {SYNC, DATA, JOURNAL} < {file for file, _ in counts}
    assert set(counts[SYNC, False]) == set(counts[DATA, True]) == {HARMLESS}
    assert set(counts[JOURNAL, True]) == {NAMED, BEHIND, TORN}


def test_which_ends_of_the_journal_count_as_torn(tmp_path: Path) -> None:
    root = tmp_path / "store"
    sample = make_sample(root)
    size = sample.starts[-1]
    assert size % SECTOR == 1
    for place in (sample.starts[-2], sample.starts[-2] + 1, size - 1):
        assert attempt(sample, root, Harm(JOURNAL, place), restarted=True) == TORN
        assert attempt(sample, root, Harm(JOURNAL, place), restarted=False) == NAMED
    # The checkpoint covers what precedes it, and a NUL that no sector explains is damage.
    assert attempt(sample, root, Harm(JOURNAL, sample.starts[sample.covered] + 1), restarted=True) == NAMED
    assert attempt(sample, root, Harm(JOURNAL, size - 1, 0), restarted=True) == TORN
    assert attempt(sample, root, Harm(JOURNAL, size - 2, 0), restarted=True) == NAMED


def test_a_store_that_takes_any_end_for_torn_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = make_sample(tmp_path / "store")
    monkeypatch.setattr("hocba_tui.store.journal.is_torn", lambda *_: True)
    with pytest.raises(Wrong, match="silently dropped"):
        attempt(sample, tmp_path / "store", Harm(JOURNAL, sample.starts[-2] - 9, flipped=1), restarted=True)


def test_a_store_that_believes_any_checkpoint_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hocba_tui.store.checkpoint._proof", lambda *_: "accepted")
    sample = make_sample(tmp_path / "store")
    mark = sample.files[DATA].index(b'"toan": 10') + len(b'"toan": ')
    with pytest.raises(Wrong, match="silently different"):
        attempt(sample, tmp_path / "store", Harm(DATA, mark, flipped=1 << 3), restarted=True)
