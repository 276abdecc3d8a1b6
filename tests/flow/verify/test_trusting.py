"""Pinning a seal after a telephone call: who may, what is asked, what is kept, and what it changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.clock import Clock
from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.verify.browse import verify_listed
from hocba_tui.flow.verify.files import verify_files
from hocba_tui.flow.verify.trusting import Place, pin_issuer, pin_seal, pins, same_fingerprint, seal_in, show, unpin
from tests.support.rival import DAY, NOW, OURS, THEIRS, Rival


@pytest.fixture(scope="module")
def rival(issued_store: Path) -> Rival:
    return Rival(min((issued_store / "issued").glob("*.xml")).read_bytes())


@pytest.fixture
def received(rival: Rival, tmp_path: Path) -> Path:
    """A record that another school sealed."""
    path = tmp_path / "nhan-ve" / "hoc-ba.xml"
    path.parent.mkdir()
    data = rival.file(rival.teacher, rival.principal, rival.other_seal, changed={"MA_TRUONG": THEIRS})
    path.write_bytes(data)
    return path


@pytest.fixture
def receiving(sealed_root: Path, rival: Rival) -> Path:
    """A school with a store that has pinned the issuer, and has answers about everybody."""
    (sealed_root / "trust" / "ca.pem").write_bytes(rival.root.as_pem)
    for path in (rival.trust(sealed_root / "x") / "answers").iterdir():
        target = sealed_root / "trust" / "answers" / path.name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    return sealed_root


def judged(path: Path, root: Path) -> tuple[Verdict, str]:
    found = next(iter(verify_files([path], [root / "trust"], workers=1, now=NOW)))
    return found.verdict.verdict, found.verdict.reason


def test_the_clerk_pins_and_the_record_passes(receiving: Path, received: Path, rival: Rival) -> None:
    assert judged(received, receiving)[0] is Verdict.INDETERMINATE
    desk = open_desk(receiving, "vanthu")
    place = Place.of_store(desk)
    shown = seal_in(place, received)
    assert (shown.sha256, shown.code, shown.pinned) == (rival.other_seal.sha256, THEIRS, "")
    pin_seal(place, received, shown, THEIRS)
    assert judged(received, receiving) == (Verdict.PASSED, "")
    (entry,) = [one for one in desk.school_shard.entries("vanthu") if one.act == "add_pin"]
    assert {edit.after for edit in entry.edits} >= {"Trường Tiểu học Khác", "hoc-ba.xml"}
    (by,) = [by for each, by in pins(place) if each.sha256 == shown.sha256]
    assert by.startswith("vanthu ghim lúc 20")
    assert by.endswith("từ tệp hoc-ba.xml")
    unpin(place, shown.sha256[:12])
    assert judged(received, receiving)[0] is Verdict.INDETERMINATE
    assert [one.act for one in desk.school_shard.entries("vanthu")][-1] == "remove_pin"


@pytest.mark.parametrize("account", ["gv.5a", "gv.tin", "admin"])
def test_nobody_else_pins(receiving: Path, received: Path, account: str) -> None:
    clerk, other = (Place.of_store(open_desk(receiving, who)) for who in ("vanthu", account))
    shown = seal_in(clerk, received)
    with pytest.raises(NotAllowed):
        pin_seal(other, received, shown, THEIRS)
    with pytest.raises(NotAllowed):
        pin_issuer(other, received, shown)
    with pytest.raises(NotAllowed):
        unpin(other, shown.sha256)
    assert judged(received, receiving)[0] is Verdict.INDETERMINATE


def test_what_cannot_be_a_seal_is_refused(receiving: Path, received: Path, rival: Rival, tmp_path: Path) -> None:
    place = Place.of_store(open_desk(receiving, "hieutruong"))
    teacher, principal, seal = show(place, received)
    assert [each.code for each in (teacher, principal, seal)] == ["", "", THEIRS]
    with pytest.raises(Refused, match="chứng thư cá nhân"):
        pin_seal(place, received, teacher, THEIRS)
    with pytest.raises(Refused, match=f"mã trường {THEIRS}"):
        pin_seal(place, received, seal, "37000001")
    with pytest.raises(Refused, match="không đúng dạng"):
        pin_seal(place, received, seal, "../37")
    with pytest.raises(Refused, match="không phải của nơi cấp"):
        pin_issuer(place, received, seal)
    pin_seal(place, received, seal, THEIRS)
    pem = tmp_path / "dau.pem"
    pem.write_bytes(rival.other_seal.as_pem)
    with pytest.raises(Refused, match=f"đang ghim cho trường mã {THEIRS}"):
        pin_seal(place, pem, seal_in(place, pem), OURS)
    with pytest.raises(Refused, match="chính trường này"):
        unpin(place, open_desk(receiving, "hieutruong").school.seal_certificate)


def test_a_record_whose_signatures_do_not_hold_shows_nobody(receiving: Path, received: Path, tmp_path: Path) -> None:
    place = Place.of_store(open_desk(receiving, "vanthu"))
    altered = tmp_path / "sua.xml"
    altered.write_bytes(received.read_bytes().replace(b"<HO_VA_TEN>", b"<HO_VA_TEN>X", 1))
    with pytest.raises(Refused, match="Không có chữ ký nào đáng tin"):
        show(place, altered)
    altered.write_text("x")
    with pytest.raises(Refused, match="không phải học bạ"):
        show(place, altered)


def test_a_folder_without_a_store(
    received: Path, rival: Rival, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, ca = tmp_path / "tin", tmp_path / "ca.pem"
    ca.write_bytes(rival.root.as_pem)
    sha256 = rival.other_seal.sha256
    assert main(["trust", "add", str(ca), "--issuer", "--trust", str(trust), "--fingerprint", rival.root.sha256]) == 0
    assert main(["trust", "show", str(received), "--trust", str(trust)]) == 0
    said = capsys.readouterr().out.replace(" ", "")
    assert sha256 in said
    adding = ["trust", "add", str(received), "--school", THEIRS, "--trust", str(trust)]
    assert main(adding) == 1, "nobody is there to compare"
    assert main([*adding, "--fingerprint", rival.seal.sha256]) == 1, "that of another"
    assert main([*adding, "--fingerprint", sha256[-8:]]) == 1, "unattended, the whole of it"
    assert not (trust / "seal").exists()
    assert main([*adding, "--fingerprint", sha256.upper()]) == 0
    assert main(["trust", "list", "--trust", str(trust)]) == 0
    assert f"đã ghim là con dấu của trường mã {THEIRS}" in capsys.readouterr().out
    notes = [json.loads(line) for line in (trust / "pins.jsonl").read_text("utf-8").splitlines()]
    assert [(note["act"], note["sha256"], note["code"], note["file"]) for note in notes] == [
        ("add", rival.root.sha256, "", "ca.pem"),
        ("add", sha256, THEIRS, "hoc-ba.xml"),
    ]
    assert main(["trust", "remove", sha256[:10], "--trust", str(trust)]) == 0
    assert list((trust / "seal" / THEIRS).iterdir()) == []


@pytest.mark.parametrize(("typed", "same"), [("", False), ("1234567", False), ("whole", True), ("last 8", True)])
def test_what_is_read_out_on_the_telephone(received: Path, tmp_path: Path, typed: str, same: bool) -> None:
    shown = seal_in(Place(tmp_path), received)
    text = {"whole": shown.sha256, "last 8": f"{shown.sha256[-8:-4]} {shown.sha256[-4:]}"}.get(typed, typed)
    assert same_fingerprint(shown, text) is same


def test_the_journal_proves_later_that_a_file_was_there(
    receiving: Path, received: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that came in stays good when its certificates have ended; the same record seen later does not."""
    monkeypatch.setattr(Clock, "now", lambda _: NOW)
    desk = open_desk(receiving, "vanthu")
    place = Place.of_store(desk)
    pin_seal(place, received, seal_in(place, received), THEIRS)
    (one,) = verify_listed(desk, [received], lambda: False, any_xml=False)
    assert one.passed
    (entry,) = [entry for entry in desk.school_shard.entries("vanthu") if entry.act == "see_files"]
    assert len(entry.edits) == 1
    later = NOW + 3 * 365 * DAY
    (found,) = verify_files([received], [receiving / "trust"], workers=1, now=later)
    assert found.passed, found.verdict.reason
    again = received.with_name("khac.xml")
    again.write_bytes(received.read_bytes().replace(b"<HO_VA_TEN>", b"<HO_VA_TEN>X", 1))
    (bad,) = verify_listed(desk, [again], lambda: False, any_xml=False)
    assert not bad.passed
    assert len([entry for entry in desk.school_shard.entries("vanthu") if entry.act == "see_files"]) == 1
    again.write_bytes(received.read_bytes())
    (found,) = verify_files([again], [receiving / "trust"], workers=1, now=later)
    assert found.passed, "the very file, wherever it lies"
    (found,) = verify_files([again], [copied(receiving / "trust", received.parent / "tin")], workers=1, now=later)
    assert found.verdict.verdict is Verdict.INDETERMINATE


def copied(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    return target
