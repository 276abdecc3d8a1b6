from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool
from hocba_tui.errors import Conflict, NotAllowed, Refused, SigningFailed, StoreUnusable, WrongPin
from hocba_tui.export.record.region import RecordFacts
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.excel_file import require_free
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.review import review
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.approve import approve, send_back
from hocba_tui.flow.records.issue import issue
from hocba_tui.flow.records.issued_files import export_class, issued_files
from hocba_tui.flow.records.offline_files import SignedAnswers, pack_answers
from hocba_tui.flow.records.offline_server import make_request, require_request_place, take_back
from hocba_tui.flow.records.ready import jobs_to_approve, jobs_to_issue, prepare
from hocba_tui.flow.records.signatures import pinned_issuers
from hocba_tui.flow.records.submit import submit
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period, RecordState, Slot
from hocba_tui.store.backend import OUTBOX
from tests.conftest import DeskAs
from tests.support.activity import noted
from tests.support.signed import (
    Verb,
    approve_class,
    fill_gaps,
    issue_class,
    open_first_round,
    sign,
    submit_class,
    whole_way,
)
from tests.support.stores import facts
from tests.support.table import table

SCORE = Cell(Period.END_YEAR, "TOAN", "score")


def states(root: Path) -> set[RecordState]:
    return {record.state for record in open_desk(root, "hieutruong").records("5A").values()}


def test_nobody_submits_before_a_round_is_open(desk_as: DeskAs, store_root: Path, demo: DemoSchool) -> None:
    fill_gaps(store_root, demo)
    with pytest.raises(Refused, match="đợt phát hành"):
        prepare(desk_as("gv.5a"), "5A")


def test_an_incomplete_class_is_refused_with_every_gap_and_nothing_changes(
    desk_as: DeskAs, store_root: Path, demo: DemoSchool
) -> None:
    open_first_round(store_root)
    gaps = {(finding.pupil, finding.field) for finding in review(desk_as("gv.5a"), "5A").gaps}
    assert gaps == {(pupil, field) for pupil, fields in demo.finished.items() for field in fields}
    with pytest.raises(Refused, match=f"{len(gaps)} ô trống"):
        submit_class(store_root)
    assert states(store_root) == {RecordState.DRAFT}


def test_pupils_who_are_complete_can_go_before_the_others(store_root: Path) -> None:
    open_first_round(store_root)
    ready = {pupil.key for pupil in review(open_desk(store_root, "gv.5a"), "5A").ready}
    done = sign(store_root, "gv.5a", Slot.HOMEROOM, submit, leave_gaps=True)
    assert {item.pupil.key for item in done} == ready
    assert states(store_root) == {RecordState.DRAFT, RecordState.SUBMITTED}


def test_exactly_those_whom_the_format_cannot_carry_stay_behind(store_root: Path, demo: DemoSchool) -> None:
    desk = whole_way(store_root, demo)
    left = review(open_desk(store_root, "gv.5a"), "5A").held_back
    assert {key: reasons[0].code for key, reasons in left.items()} == dict(demo.cannot)
    assert len(issued_files(desk, "5A")) == len(desk.pupils("5A")) - len(demo.cannot)


def test_every_issued_file_passes_and_says_that_it_is_for_training(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "vanthu")
    trust = pinned_issuers(desk)
    files = issued_files(desk, "5A")
    assert files
    for found in files:
        verdict = verify(Path(found.path).read_bytes(), trust)
        assert verdict.verdict is Verdict.PASSED, verdict.reason
        assert verdict.training
        assert found.record.training
        assert verdict.values["HO_VA_TEN"] == found.pupil.name
        assert b"PH\xc3\x81P L\xc3\x9d" in Path(found.path).read_bytes()


def test_a_submitted_record_cannot_be_edited_until_it_is_returned(opened_root: Path) -> None:
    pupil = submit_class(opened_root)[0].pupil
    teacher = open_desk(opened_root, "gv.5a")
    seen = teacher.results("5A")[pupil.key].score(Period.END_YEAR, "TOAN")
    refused = enter(teacher, "5A", [Typed(pupil.key, SCORE, "3", seen)])
    assert refused.entry is None
    assert "trả lại" in refused.refused[0].reason
    send_back(open_desk(opened_root, "hieutruong"), "5A", pupil.key, "Xem lại điểm Toán")
    assert teacher.records("5A")[pupil.key].reason == "Xem lại điểm Toán"
    assert enter(teacher, "5A", [Typed(pupil.key, SCORE, "8" if seen != 8 else "9", seen)]).entry is not None


def test_a_returned_record_gets_a_new_uuid_and_new_signatures(opened_root: Path) -> None:
    first = submit_class(opened_root)[0]
    send_back(open_desk(opened_root, "hieutruong"), "5A", first.pupil.key, "nhầm")
    second = submit_class(opened_root)[0]
    assert second.pupil.key == first.pupil.key
    assert second.uuid != first.uuid


def test_what_is_sealed_is_never_returned(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "hieutruong")
    sealed = next(key for key, record in desk.records("5A").items() if record.state is RecordState.ISSUED)
    with pytest.raises(Refused, match="thu hồi"):
        send_back(desk, "5A", sealed, "nhầm")


def test_a_return_needs_a_reason(opened_root: Path) -> None:
    pupil = submit_class(opened_root)[0].pupil
    with pytest.raises(Refused, match="lí do"):
        send_back(open_desk(opened_root, "hieutruong"), "5A", pupil.key, "  ")


@pytest.mark.parametrize("account", ["gv.4a", "gv.tin", "vanthu", "admin"])
def test_only_the_homeroom_teacher_submits(store_root: Path, account: str) -> None:
    with pytest.raises(NotAllowed):
        prepare(open_desk(store_root, account), "5A")


@table(
    "slot, verb, account",
    [
        (Slot.HOMEROOM, submit, "gv.4a"),
        (Slot.HOMEROOM, submit, "hieutruong"),
        (Slot.PRINCIPAL, approve, "gv.5a"),
        (Slot.PRINCIPAL, approve, "vanthu"),
        (Slot.SEAL, issue, "gv.5a"),
        (Slot.SEAL, issue, "hieutruong"),
    ],
)
def test_every_door_to_a_signature_asks_for_the_permission(
    made_store: Path, slot: Slot, verb: Verb, account: str
) -> None:
    desk = open_desk(made_store, account)
    answers = pack_answers(SignedAnswers(slot, b"", ()))
    with pytest.raises(NotAllowed):
        asyncio.run(anext(verb(desk, "5A", None)))
    with pytest.raises(NotAllowed):
        make_request(desk, "5A", slot)
    with pytest.raises(NotAllowed):
        asyncio.run(anext(take_back(desk, "5A", slot, answers)))


def test_a_wrong_pin_signs_nothing(opened_root: Path) -> None:
    with pytest.raises(WrongPin):
        sign(opened_root, "gv.5a", Slot.HOMEROOM, submit, pin="000000")
    assert states(opened_root) == {RecordState.DRAFT}


def test_without_a_registered_certificate_nobody_signs(opened_root: Path) -> None:
    with pytest.raises(SigningFailed, match="chứng thư"):
        sign(opened_root, "gv.tin", Slot.HOMEROOM, submit)


def test_each_act_waits_for_the_one_before(opened_root: Path) -> None:
    with pytest.raises(Refused):
        approve_class(opened_root)
    submit_class(opened_root)
    with pytest.raises(Refused):
        issue_class(opened_root)


def test_another_leader_cannot_sign_in_the_name_of_the_round(submitted_root: Path) -> None:
    with pytest.raises(NotAllowed, match="người ký là"):
        sign(submitted_root, "phohieutruong", Slot.PRINCIPAL, approve)


def test_who_approved_may_not_seal(approved_root: Path) -> None:
    with pytest.raises(NotAllowed):
        sign(approved_root, "hieutruong", Slot.SEAL, issue)


def test_a_mark_that_changes_between_freezing_and_signing_stops_that_record_only(
    opened_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = open_desk(opened_root, "gv.5a")
    pupil = review(teacher, "5A").ready[0]
    from hocba_tui.flow.records import submit as submitting
    from hocba_tui.flow.records.freeze import freeze

    original = freeze

    def freeze_then_somebody_types(profile: object, facts: RecordFacts) -> bytes:
        region = original(profile, facts)  # type: ignore[arg-type]
        seen = teacher.results("5A")[pupil.key].score(Period.END_YEAR, "TOAN")
        if facts.values["pupil.name"] == pupil.name and seen != 5:
            enter(open_desk(opened_root, "gv.5a"), "5A", [Typed(pupil.key, SCORE, "5", seen)])
        return region

    monkeypatch.setattr(submitting, "freeze", freeze_then_somebody_types)
    done = submit_class(opened_root)
    problems = {item.pupil.key: item.problem for item in done}
    assert "thay đổi" in problems.pop(pupil.key)
    assert set(problems.values()) == {""}


def test_export_copies_the_very_bytes_and_leaves_a_trace(sealed_root: Path, tmp_path: Path) -> None:
    desk = open_desk(sealed_root, "vanthu")
    written = export_class(desk, "5A", tmp_path / "out")
    assert {p.read_bytes() for p in written} == {p.read_bytes() for p in (sealed_root / "issued").glob("*.xml")}
    (left,) = noted(sealed_root, "export")
    assert (left.by, left.what, left.touched.class_key) == ("vanthu", str(len(written)), "5A")


def test_two_teachers_in_one_class_merge_by_cell_and_clash_on_the_same_one(store_root: Path, demo: DemoSchool) -> None:
    one, two = open_desk(store_root, "gv.5a"), open_desk(store_root, "gv.5a")
    first, second = list(demo.finished)[:2]
    field = next(iter(demo.finished[first]))
    cell = Cell.parse(field)
    text = str(demo.finished[first][field])
    enter(one, "5A", [Typed(first, cell, text, None)])
    assert two.results("5A")[first].text(cell) == text
    level = Cell(Period.END_YEAR, "TV", "level")
    seen = one.results("5A")[second].text(level)
    enter(one, "5A", [Typed(second, level, "C", seen)])
    with pytest.raises(Conflict, match=r"gv\.5a"):
        enter(two, "5A", [Typed(second, level, "H" if seen != "H" else "T", seen)])


@pytest.mark.parametrize("where", ["issued", "2025-2026/5A/frozen", "backups", "moi", "."])
def test_nothing_is_exported_into_a_store(sealed_root: Path, tmp_path: Path, where: str) -> None:
    shutil.copytree(sealed_root, tmp_path / "other", copy_function=shutil.copy2)
    desk = open_desk(sealed_root, "vanthu")
    before = facts(sealed_root), facts(tmp_path / "other")
    for root in (sealed_root, tmp_path / "other"):
        with pytest.raises(Refused, match="nằm trong kho"):
            export_class(desk, "5A", root / where)
        with pytest.raises(Refused, match="nằm trong kho"):
            require_free(root / where / "5A.xlsx")
        with pytest.raises(Refused, match="nằm trong kho"):
            require_request_place(root / where / "5A.yeu-cau")
    assert (facts(sealed_root), facts(tmp_path / "other")) == before


def test_export_writes_through_no_link_and_over_no_other_file(sealed_root: Path, tmp_path: Path) -> None:
    desk = open_desk(sealed_root, "vanthu")
    first = issued_files(desk, "5A")[0].record.uuid
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "precious").write_bytes((sealed_root / "issued" / f"{first}.xml").read_bytes())
    (out / f"{first}.xml").symlink_to(tmp_path / "precious")
    with pytest.raises(Refused, match="nội dung khác"):
        export_class(desk, "5A", out)
    (out / f"{first}.xml").unlink()
    written = export_class(desk, "5A", out)
    assert export_class(desk, "5A", out) == written  # Again: what is there already is the same.
    assert sorted(out.iterdir()) == sorted(written)


def damage_behind(root: Path, shard: str) -> None:
    """Append what no power cut leaves."""
    with (root / shard / "journal.log").open("ab") as file:
        file.write(b"damage\nand more\n")


def test_a_damaged_class_is_refused_before_anybody_is_asked_for_a_pin(submitted_root: Path) -> None:
    damage_behind(submitted_root, "2025-2026/5A")
    teacher, principal, clerk = (open_desk(submitted_root, name) for name in ("gv.5a", "hieutruong", "vanthu"))
    assert "submit" not in [task.screen for task in tasks(teacher)]
    with pytest.raises(StoreUnusable, match="chỉ xem được"):
        prepare(teacher, "5A")
    with pytest.raises(StoreUnusable, match="chỉ xem được"):
        jobs_to_approve(principal, "5A")
    with pytest.raises(StoreUnusable, match="chỉ xem được"):
        jobs_to_issue(clerk, "5A")


def test_a_damaged_outbox_is_said_before_the_seal(approved_root: Path) -> None:
    open_desk(approved_root, "vanthu").store.shard(OUTBOX)
    damage_behind(approved_root, OUTBOX)
    with pytest.raises(StoreUnusable, match="Hộp gửi chỉ xem được"):
        jobs_to_issue(open_desk(approved_root, "vanthu"), "5A")


def test_a_school_that_is_older_than_its_classes_is_said_and_no_crash(store_root: Path, demo: DemoSchool) -> None:
    fill_gaps(store_root, demo)
    shutil.copytree(store_root / "school", store_root.with_name("older"))
    open_first_round(store_root)
    submit_class(store_root)
    shutil.rmtree(store_root / "school")
    shutil.copytree(store_root.with_name("older"), store_root / "school")
    with pytest.raises(StoreUnusable, match="cũ hơn các lớp"):
        jobs_to_approve(open_desk(store_root, "hieutruong"), "5A")
    found = [flaw for proof in check_store(store_root) for flaw in proof.flaws if flaw.lost]
    assert [flaw.place for flaw in found] == ["school/journal.log"]
    assert "cũ hơn các lớp" in found[0].what
