"""All steps for one class by `hocba demo`, with tokens where SoftHSM is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.demo import job
from hocba_tui.demo.job import run_job

PUPILS = 90
"""Eighteen in the class that is shown: with sixteen or fewer it has none of the cases."""


def test_the_whole_job_holds_and_says_what_it_saw(tmp_path: Path) -> None:
    said: list[str] = []
    assert run_job(tmp_path / "store", seed=7, pupils=PUPILS, say=said.append)
    text = "\n".join(said)
    for words in ("miễn", "PIN sai", "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ", "sửa một chữ số", "cổng thử tiếp nhận", "PASSED"):
        assert words in text
    assert "✗" not in text
    assert list((tmp_path / "store" / "issued").glob("*.xml"))


def test_a_step_that_does_not_hold_fails_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "PIN", "000000")
    assert not run_job(tmp_path / "store", seed=7, pupils=PUPILS, say=lambda _: None)
