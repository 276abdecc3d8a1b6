"""Certificates that end: before they are needed, to whom it concerns, at home, by the doctor and by a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.reports.certificate_note import SEAL, all_endings, endings
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school.doctor import examine
from hocba_tui.store.backend import SCHOOL, Edit
from tests.conftest import DeskAs
from tests.support.table import table


def set_field(desk: Desk, table: str, key: str, field: str, value: str | None) -> None:
    held = desk.school_shard.document(table, key).get(field)
    if held != value:
        desk.school_shard.change("test", "test", [Edit(table, key, field, held, value)])


@pytest.fixture
def school(desk_as: DeskAs) -> DeskAs:
    """A school on 10/06/2026 whose records are due before 20/06 and 25/07."""
    desk = desk_as("admin")
    assert desk.clock.today().isoformat() == "2026-06-10"
    for field, day in (("deadline_completed", "2026-06-20"), ("deadline_others", "2026-07-25")):
        set_field(desk, SCHOOL, SCHOOL, field, day)
    return desk_as


@table(
    "until, words",
    [
        ("2026-06-09", "đã hết hạn từ 09/06/2026"),
        ("2026-06-10", "hết hạn 10/06/2026, trước hạn nộp 24/07/2026"),
        ("2026-07-23", "hết hạn 23/07/2026, trước hạn nộp 24/07/2026"),
        ("2026-07-24", ""),
        ("2026-08-30", ""),
    ],
)
def test_what_ends_before_the_last_deadline_is_told(school: DeskAs, until: str, words: str) -> None:
    set_field(school("admin"), STAFF, "gv.5a", "certificate_until", until)
    assert [one.words for one in endings(school("gv.5a"))] == ([words] if words else [])


@table("until, words", [("2026-07-10", "hết hạn 10/07/2026, còn 30 ngày"), ("2026-07-11", "")])
def test_without_a_deadline_ahead_it_is_told_thirty_days_before(school: DeskAs, until: str, words: str) -> None:
    for field in ("deadline_completed", "deadline_others"):
        set_field(school("admin"), SCHOOL, SCHOOL, field, "2026-06-01")
    set_field(school("admin"), STAFF, "gv.5a", "certificate_until", until)
    assert [one.words for one in endings(school("gv.5a"))] == ([words] if words else [])


def test_each_is_told_of_the_own_the_clerk_of_the_seal_and_who_manages_of_all(school: DeskAs) -> None:
    set_field(school("admin"), STAFF, "gv.5a", "certificate_until", "2026-06-09")
    set_field(school("admin"), SCHOOL, SCHOOL, "seal_until", "2026-06-15")
    told = {key: {one.account for one in endings(school(key))} for key in ("admin", "gv.5a", "vanthu", "gv.4a")}
    assert told == {"admin": {SEAL, "gv.5a"}, "gv.5a": {"gv.5a"}, "vanthu": {SEAL}, "gv.4a": set()}
    row = next(task for task in tasks(school("admin")) if task.label == "Chứng thư số sắp hết hạn")
    assert (row.detail, row.screen, row.urgent) == ("2 chứng thư, sớm nhất 09/06/2026", "certificates", True)
    said = next(one for one in examine((), school("admin")) if one.what.startswith("Chứng thư số sắp"))
    assert not said.good
    assert "(gv.5a) đã hết hạn từ 09/06/2026" in said.now
    fine = next(one for one in examine((), school("gv.4a")) if one.what.startswith("Chứng thư số sắp"))
    assert fine.good


def test_who_left_and_who_has_none_is_passed_over(school: DeskAs) -> None:
    set_field(school("admin"), STAFF, "gv.5a", "certificate_until", "2026-06-09")
    set_field(school("admin"), STAFF, "gv.5a", "left", "2026-06-01")
    set_field(school("admin"), STAFF, "gv.tin", "certificate_until", "2026-06-09")
    assert endings(school("admin")) == ()


def test_the_command_of_every_morning_says_it_and_ends_with_one(
    school: DeskAs, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = ["token", "check", "--quiet", "--store", str(store_root)]
    assert (main(quiet), capsys.readouterr().out) == (0, "")
    assert main([*quiet[:2], *quiet[3:]]) == 0
    assert "Không chứng thư nào sắp hết hạn." in capsys.readouterr().out
    set_field(school("admin"), SCHOOL, SCHOOL, "seal_until", "2026-06-15")
    set_field(school("admin"), STAFF, "gv.5a", "certificate_until", None)
    assert main(quiet) == 1
    told = capsys.readouterr().out
    assert "! con dấu của trường: hết hạn 15/06/2026" in told
    assert "gv.5a" not in told
    assert [one.account for one in all_endings(store_root) if not one.until] == ["gv.5a"]
    main([*quiet[:2], *quiet[3:]])
    assert "chưa rõ ngày hết hạn" in capsys.readouterr().out
