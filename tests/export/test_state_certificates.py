"""Records signed with certificates of a state's authority: the only ones that can be HỢP LỆ with legal value."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.cli.main import main
from hocba_tui.export.assembly import record_file, record_target
from hocba_tui.export.certificate import fingerprint
from hocba_tui.export.profile import load_profile
from hocba_tui.export.schema import parse
from hocba_tui.export.signature import signed_info
from hocba_tui.export.standing import Answers
from hocba_tui.export.trust import Anchor, Trust
from hocba_tui.export.verdict import FileVerdict, Verdict
from hocba_tui.export.verify import certificates_in, verify
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.record import Signed
from hocba_tui.model.values import RecordState, Slot
from tests.authority import Authority

PROFILE = load_profile("hbs-1.0")
SIGNED = datetime(2026, 6, 10, 8, 0, tzinfo=timezone(timedelta(hours=7)))
LABELS = {Slot.HOMEROOM: "teacher", Slot.PRINCIPAL: "principal", Slot.SEAL: "seal"}


class State:
    """A record of the demo school and the keys of a state's authority for those whom it names."""

    def __init__(self, root: Path, folder: Path) -> None:
        desk = open_desk(root, "vanthu")
        record = next(r for r in desk.records("5A").values() if r.state is RecordState.ISSUED)
        self.uuid, self.region = record.uuid, desk.class_shard("5A").kept(record.frozen)
        facts = parse(self.region)
        people = {
            name: facts.findtext(f".//{tag}") or ""
            for name, tag in (
                ("GIAO_VIEN", "TEN_GIAO_VIEN_CHU_NHIEM"),
                ("SO_GIAO_VIEN", "SO_CCCD_GIAO_VIEN_CHU_NHIEM"),
                ("HIEU_TRUONG", "TEN_GIAM_HIEU_KY_HOC_BA"),
                ("SO_HIEU_TRUONG", "SO_CCCD_GIAM_HIEU_KY_HOC_BA"),
            )
        }
        self.authority = Authority(folder, people)

    def trust(self, *answers: bytes) -> Trust:
        """Pin the authority and the seal."""
        anchors = tuple(Anchor(self.authority.certificate(name), training=False) for name in ("root", "old-root"))
        seal = self.authority.certificate("seal").public_bytes(Encoding.DER)
        return Trust(anchors, frozenset({fingerprint(seal)}), Answers(ocsp=answers))

    def file(self, **certificates: str) -> bytes:
        """Return the record signed by all three; a slot's certificate may be another one."""
        made = []
        for minutes, slot in enumerate(Slot):
            label = certificates.get(slot.name, LABELS[slot])
            der = self.authority.certificate(label).public_bytes(Encoding.DER)
            time = (SIGNED + timedelta(minutes=minutes)).isoformat()
            data = signed_info(record_target(PROFILE, self.uuid, slot, self.region, ()), time, der)
            value = self.authority.keys[LABELS[slot]].sign(data, padding.PKCS1v15(), hashes.SHA256())
            made.append(Signed(slot, time, value, der))
        return record_file(PROFILE, self.uuid, self.region, tuple(made))

    def answers(self, *labels: str) -> tuple[bytes, ...]:
        return tuple(self.authority.ocsp(label, SIGNED + timedelta(days=90)) for label in labels)

    def verdict(self, teacher: str, *answered: str) -> FileVerdict:
        return verify(self.file(HOMEROOM=teacher), self.trust(*self.answers(*answered)))


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
    assert "Bước 9" in found.reason
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
    [("expired-issuer", "nơi cấp không có hiệu lực"), ("wrong-usage", "không được cấp để ký số")],
)
def test_a_certificate_that_could_not_sign_then(state: State, teacher: str, word: str) -> None:
    found = state.verdict(teacher, "principal", "seal")
    assert (found.verdict, word in found.reason) == (Verdict.FAILED, True)


def test_another_authority_proves_nothing_here(state: State) -> None:
    found = verify(state.file(), replace(state.trust(*state.answers("teacher", "principal", "seal")), anchors=()))
    assert found.verdict is Verdict.INDETERMINATE


def test_the_command_reads_the_stored_answers_of_a_trust_folder(
    state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, file = tmp_path / "trust", tmp_path / "hb.xml"
    for folder, label in (("", "root"), ("seal", "seal")):
        (trust / folder).mkdir(parents=True, exist_ok=True)
        pem = state.authority.certificate(label).public_bytes(Encoding.PEM)
        (trust / folder / f"{label}.pem").write_bytes(pem)
    file.write_bytes(state.file())
    assert main(["verify", str(file), "--trust", str(trust)]) == 1
    assert "CHƯA KẾT LUẬN ĐƯỢC" in capsys.readouterr().out
    (trust / "answers").mkdir()
    for number, answer in enumerate(state.answers("teacher", "principal", "seal")):
        (trust / "answers" / f"{number}.ocsp").write_bytes(answer)
    assert main(["verify", str(file), "--trust", str(trust)]) == 0
    assert "HỢP LỆ" in capsys.readouterr().out
    assert len(certificates_in(file.read_bytes())) == 3


def test_many_files_are_verified_by_several_processes_with_the_same_answers(issued_store: Path, tmp_path: Path) -> None:
    from hocba_tui.flow.verify_files import verify_files

    files = sorted((issued_store / "issued").glob("*.xml"))[:6]
    bad = tmp_path / "bad.xml"
    bad.write_bytes(files[0].read_bytes().replace(b"<HO_VA_TEN>", b"<HO_VA_TEN>X", 1))
    paths = [*files, bad, tmp_path / "none.xml"]
    alone = list(verify_files(paths, [issued_store / "trust"], workers=1))
    together = list(verify_files(paths, [issued_store / "trust"], workers=2))
    assert alone == together
    assert [one.path for one in together] == paths
    assert [one.verdict.verdict for one in together] == [Verdict.PASSED] * 6 + [Verdict.FAILED] * 2
