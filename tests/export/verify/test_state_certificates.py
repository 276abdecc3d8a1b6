"""Records signed with certificates of a state's authority: the only ones that can be HỢP LỆ with legal value."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.export.report import details
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import certificates_in, verify
from hocba_tui.model.values import Slot
from tests.support.state import NOW, State

TWO = (Slot.PRINCIPAL, Slot.SEAL)


@pytest.fixture(scope="module")
def state(issued_store: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    return State(issued_store, tmp_path_factory.mktemp("state"))


def test_with_good_answers_for_all_three_the_file_passes_with_legal_value(state: State) -> None:
    found = state.verdict("teacher", "teacher", "principal", "seal")
    assert found.reason == ""
    assert found.verdict is Verdict.PASSED
    assert not found.training


def test_one_missing_answer_leaves_it_open_and_names_who(state: State) -> None:
    found = state.verdict("teacher", "teacher", "seal")
    assert found.verdict is Verdict.INDETERMINATE
    assert "Bước 10" in found.reason
    assert [slot.verdict for slot in found.slots] == [Verdict.PASSED, Verdict.INDETERMINATE, Verdict.PASSED]


@pytest.mark.parametrize(
    ("teacher", "verdict", "word"),
    [
        ("revoked-before", Verdict.FAILED, "trước khi ký"),
        ("revoked-after", Verdict.INDETERMINATE, "dấu thời gian"),
        ("on-hold", Verdict.INDETERMINATE, "tạm dừng"),
    ],
)
def test_a_revoked_signer(state: State, teacher: str, verdict: Verdict, word: str) -> None:
    found = state.verdict(teacher, teacher, "principal", "seal")
    assert (found.verdict, word in found.reason) == (verdict, True)


@pytest.mark.parametrize(
    ("teacher", "word"),
    [("expired-issuer", "chứng thư của nơi cấp đã hết hạn lúc ký"), ("wrong-usage", "không được cấp để ký số")],
)
def test_a_certificate_that_could_not_sign_then(state: State, teacher: str, word: str) -> None:
    found = state.verdict(teacher, "principal", "seal")
    assert (found.verdict, word in found.reason) == (Verdict.FAILED, True)


@pytest.mark.parametrize(
    ("teacher", "word"), [("expired", "đã hết hạn lúc ký"), ("not-yet", "chưa có hiệu lực lúc ký")]
)
def test_a_certificate_that_was_not_valid_then_is_not_told_as_altered_data(
    state: State, teacher: str, word: str
) -> None:
    found = state.verdict(teacher, "principal", "seal")
    assert found.verdict is Verdict.FAILED
    assert found.reason == f"Bước 6 (chứng thư): Giáo viên chủ nhiệm: chứng thư {word}"
    altered = state.file(HOMEROOM=teacher).replace(b"<HO_VA_TEN>", b"<HO_VA_TEN>X", 1)
    assert "đã bị sửa sau khi ký" in verify(altered, state.trust(), now=NOW).reason


def test_the_reason_of_a_verdict_is_the_step_that_decided_it(state: State) -> None:
    """Without a personal id the holder is open (step 7); that the certificate was revoked decides (step 10)."""
    found = state.verdict("revoked-without-id", "revoked-without-id", "principal", "seal")
    assert [step.number for step in found.steps if step.verdict is Verdict.INDETERMINATE] == [7]
    assert found.verdict is Verdict.FAILED
    assert found.reason.startswith("Bước 10 (thu hồi chứng thư): Giáo viên chủ nhiệm: ")
    assert "trước khi ký" in found.reason


def test_each_signature_is_judged_to_the_end_by_itself(state: State) -> None:
    """One that is proven wrong says nothing of the others."""
    trust = state.trust(*state.answers("revoked-before", "principal", "seal"))
    known = replace(trust, anchors=trust.anchors[:1])
    found = verify(state.file(HOMEROOM="revoked-before", PRINCIPAL="of-other-root"), known, now=NOW)
    assert "trước khi ký" in found.reason
    assert [slot.verdict for slot in found.slots] == [Verdict.FAILED, Verdict.INDETERMINATE, Verdict.PASSED]
    assert ["trước khi ký" in slot.reason for slot in found.slots] == [True, False, False]
    assert "danh sách tin cậy" in found.slots[1].reason
    assert found.slots[2].reason == ""
    assert found.values == {}


def without(region: bytes, *tags: str) -> bytes:
    for tag in tags:
        region, count = re.subn(rb"<%b>[^<]*</%b>" % (tag.encode(), tag.encode()), b"", region)
        assert count == 1
    return region


@pytest.mark.parametrize(
    "left_out", [(), ("SO_CCCD_GIAO_VIEN_CHU_NHIEM",), ("TEN_GIAO_VIEN_CHU_NHIEM",)], ids=["both", "name", "id"]
)
def test_a_teacher_whom_the_record_names_must_have_signed(state: State, left_out: tuple[str, ...]) -> None:
    """By name or by id: leaving one of the two out of the record excuses nobody."""
    file = state.signed(without(state.region, *left_out), TWO)
    found = verify(file, state.trust(*state.answers("principal", "seal")), now=NOW)
    assert found.verdict is Verdict.FAILED
    assert found.reason == "Bước 4 (đủ chữ ký): thiếu chữ ký: Giáo viên chủ nhiệm"
    assert (
        verify(file, state.trust(*state.answers("principal", "seal")), complete=False, now=NOW).verdict
        is Verdict.PASSED
    )


def test_where_no_teacher_is_named_it_is_said_that_two_signed(state: State) -> None:
    region = without(state.region, "SO_CCCD_GIAO_VIEN_CHU_NHIEM", "TEN_GIAO_VIEN_CHU_NHIEM")
    found = verify(state.signed(region, TWO), state.trust(*state.answers("principal", "seal")), now=NOW)
    assert found.verdict is Verdict.PASSED
    said = "không ghi giáo viên chủ nhiệm; chỉ có 2 chữ ký: Cán bộ quản lý, Ký số phát hành"
    assert said in found.steps[3].reason
    assert any(said in line for line in details(found))


def test_another_authority_proves_nothing_here(state: State) -> None:
    found = verify(state.file(), replace(state.trust(*state.answers("teacher", "principal", "seal")), anchors=()))
    assert found.verdict is Verdict.INDETERMINATE


def test_the_command_reads_the_stored_answers_of_a_trust_folder(
    state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, file = tmp_path / "trust", tmp_path / "hb.xml"
    state.write_trust(trust)
    file.write_bytes(state.file())
    assert main(["verify", str(file), "--trust", str(trust)]) == 11
    assert "CHƯA KẾT LUẬN ĐƯỢC" in capsys.readouterr().out
    state.write_trust(trust, *state.answers_of_today("teacher", "principal", "seal"))
    assert main(["verify", str(file), "--trust", str(trust)]) == 0
    assert "HỢP LỆ" in capsys.readouterr().out
    assert len(certificates_in(file.read_bytes())) == 3


def test_many_files_are_verified_by_several_processes_with_the_same_answers(issued_store: Path, tmp_path: Path) -> None:
    from hocba_tui.flow.verify.files import verify_files

    files = sorted((issued_store / "issued").glob("*.xml"))[:6]
    bad = tmp_path / "bad.xml"
    bad.write_bytes(files[0].read_bytes().replace(b"<HO_VA_TEN>", b"<HO_VA_TEN>X", 1))
    paths = [*files, bad, tmp_path / "none.xml"]
    alone = list(verify_files(paths, [issued_store / "trust"], workers=1))
    together = list(verify_files(paths, [issued_store / "trust"], workers=2))
    assert alone == together
    assert [one.path for one in together] == paths
    assert [one.verdict.verdict for one in together] == [Verdict.PASSED] * 6 + [Verdict.FAILED, Verdict.INDETERMINATE]
