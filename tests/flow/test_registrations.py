"""Certificates of the government's authority carry no personal id: in its own store a registration is the identity."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path

import pytest

from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.verdict import FileVerdict, Verdict
from hocba_tui.flow.desk import STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.registrations import facts_of, facts_of_folder
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.flow.verify.files import verify_files
from hocba_tui.store.backend import SCHOOL, Edit
from tests.support.rival import DAY, NOW, THEIRS, Certificate, Rival, answer, certify, wished


@pytest.fixture
def rival(sealed_root: Path) -> Rival:
    return Rival(min((sealed_root / "issued").glob("*.xml")).read_bytes())


@pytest.fixture
def bare(rival: Rival) -> tuple[Certificate, Certificate]:
    """The teacher's and the principal's certificates, as the government's authority writes them."""
    wishes = (rival.wish("GIAO_VIEN_CHU_NHIEM", "k1"), rival.wish("GIAM_HIEU_KY_HOC_BA", "k2"))
    teacher, principal = (certify(wished(wish, uid=""), rival.root) for wish in wishes)
    return teacher, principal


def register(root: Path, table: str, key: str, field: str, held: Certificate) -> None:
    """Write what a registration writes; finding a token is not the matter here."""
    shard = open_desk(root, "admin").school_shard
    before = shard.document(table, key).get(field)
    shard.change("admin", "register_certificate", [Edit(table, key, field, before, held.sha256)])


def judged(root: Path, rival: Rival, tmp_path: Path, *signers: Certificate, data: bytes = b"") -> FileVerdict:
    (root / "trust" / "ca.pem").write_bytes(rival.root.as_pem)
    for number, each in enumerate((*rival.everybody, *signers)):
        path = root / "trust" / "answers" / f"{number}.ocsp"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(answer(each))
    file = tmp_path / "a.xml"
    file.write_bytes(data or rival.file(*signers, times=[NOW - timedelta(minutes=9 - number) for number in range(3)]))
    found = next(iter(verify_files([file], [root / "trust"], workers=1, now=NOW))).verdict
    assert isinstance(found, FileVerdict)
    return found


def homeroom(root: Path) -> str:
    return open_desk(root, "admin").classroom("5A").homeroom


def test_registered_certificates_without_a_number_reach_the_full_verdict(
    sealed_root: Path, rival: Rival, bare: tuple[Certificate, Certificate], tmp_path: Path
) -> None:
    signers = (*bare, rival.seal)
    found = judged(sealed_root, rival, tmp_path, *signers)
    assert [slot.verdict for slot in found.slots][:2] == [Verdict.INDETERMINATE] * 2
    register(sealed_root, STAFF, homeroom(sealed_root), "certificate", bare[0])
    register(sealed_root, STAFF, "hieutruong", "certificate", bare[1])
    register(sealed_root, SCHOOL, SCHOOL, "seal_certificate", rival.seal)
    folder = sealed_root / "trust" / "seal"
    (folder / "new.pem").write_bytes(rival.seal.as_pem)
    found = judged(sealed_root, rival, tmp_path, *signers)
    assert (found.verdict, found.reason, found.training) == (Verdict.PASSED, "", False)
    assert found.slots[0].personal_id == rival.text("SO_CCCD_GIAO_VIEN_CHU_NHIEM")


def test_the_certificate_of_a_colleague_is_hers_and_no_other(
    sealed_root: Path, rival: Rival, bare: tuple[Certificate, Certificate], tmp_path: Path
) -> None:
    register(sealed_root, STAFF, "gv.1a", "certificate", bare[0])
    found = judged(sealed_root, rival, tmp_path, *bare, rival.seal)
    assert found.slots[0].verdict is Verdict.FAILED
    assert Code.OTHER_SIGNER in found.slots[0].codes


def test_a_token_that_was_replaced_keeps_the_records_it_signed_and_signs_no_later_ones(
    sealed_root: Path, rival: Rival, bare: tuple[Certificate, Certificate], tmp_path: Path
) -> None:
    account = homeroom(sealed_root)
    register(sealed_root, STAFF, account, "certificate", bare[0])
    register(sealed_root, STAFF, account, "certificate", rival.teacher)
    facts = facts_of_folder(sealed_root / "trust")
    held = dict(facts.people)[bare[0].sha256]
    assert held.until is not None
    assert held.since is not None
    assert dict(facts.people)[rival.teacher.sha256].until is None
    before = rival.file(*bare, rival.seal, times=[held.until - DAY - timedelta(minutes=9 - n) for n in range(3)])
    later = rival.file(*bare, rival.seal, times=[held.until + timedelta(minutes=n - 2) for n in (3, 4, 5)])
    for data, verdict in ((before, Verdict.PASSED), (later, Verdict.INDETERMINATE)):
        file = tmp_path / "b.xml"
        file.write_bytes(data)
        judged(sealed_root, rival, tmp_path, *bare, rival.seal)
        now = held.until + timedelta(minutes=1) if verdict is Verdict.PASSED else held.until + timedelta(minutes=9)
        for number, each in enumerate((*bare, rival.seal)):
            at = now.replace(microsecond=0) - timedelta(minutes=1)
            (sealed_root / "trust" / "answers" / f"{number}.ocsp").write_bytes(answer(each, at))
        (one,) = verify_files([file], [sealed_root / "trust"], workers=1, now=now)
        assert isinstance(one.verdict, FileVerdict)
        assert one.verdict.slots[0].verdict is verdict, one.verdict.reason


def test_an_earlier_code_of_the_school_is_its_own(sealed_root: Path, rival: Rival) -> None:
    facts = facts_of_folder(sealed_root / "trust")
    assert THEIRS not in facts.codes
    desk = open_desk(sealed_root, "admin")
    school = desk.school
    change_settings(desk, {"code": THEIRS})
    facts = facts_of(open_desk(sealed_root, "admin").school_shard, sealed_root)
    assert facts.codes >= {THEIRS, school.code}
    assert school.seal_certificate in facts.seals
    assert pickle.loads(pickle.dumps(facts)) == facts  # noqa: S301 - it goes to the processes of a pool


def test_a_folder_of_no_store_knows_nobody(tmp_path: Path) -> None:
    assert not facts_of_folder(tmp_path).people
