"""``hocba verify --any``: exit codes, lines for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.cli.main import main
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.flow.verify.files import asked_about, verify_files
from tests.support.foreign import Hands, make_hands


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Hands:
    return make_hands(tmp_path_factory.mktemp("state"))


@pytest.fixture
def folder(hands: Hands, tmp_path: Path) -> Path:
    """A trust folder that pins the authority as a training one, beside a tax document and an invoice."""
    training = tmp_path / "trust" / "training"
    training.mkdir(parents=True)
    (training / "ca.pem").write_bytes(hands.authority.certificate("root").public_bytes(Encoding.PEM))
    (tmp_path / "to-khai.xml").write_bytes(hands.tax(time="2026-06-10T08:00:00"))
    (tmp_path / "hoa-don.xml").write_bytes(hands.invoice())
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    return main(["verify", *arguments, "--trust", str(folder / "trust")])


def test_signatures_that_hold_leave_the_file_open_and_the_code_is_never_zero(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "--any", str(folder / "to-khai.xml")) == 11
    said = capsys.readouterr().out
    assert said.startswith("to-khai.xml: CHƯA KẾT LUẬN ĐƯỢC (INDETERMINATE); chữ ký: 2 HỢP LỆ (ký bằng khóa tập huấn")
    for line in (
        "Chữ ký 2: HỢP LỆ (PASSED), ở /HSoThueDTu/DSCKS/CQT/Signature",
        "phủ /HSoThueDTu/HSoKhaiThue",
        "khai ký lúc 10/06/2026 08:00",
        "Không biết được từ tệp này:",
        "/HSoThueDTu/HSoKhaiThue/TTinChung/tenNNT: Trường & Bạn",
    ):
        assert line in said


def test_json_tells_each_signature(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--any", "--json", str(folder / "to-khai.xml"), str(folder / "hoa-don.xml")) == 11
    tax, invoice = json.loads(capsys.readouterr().out)
    assert (tax["verdict"], invoice["verdict"]) == ("INDETERMINATE", "INDETERMINATE")
    assert [one["verdict"] for one in tax["signatures"]] == ["PASSED", "PASSED"]
    assert tax["signatures"][0]["signer"]["holder"] == "Nguyễn Thị A"
    assert ["/HDon/DLHDon/TTChung/SHDon", "17"] in invoice["values"]
    assert tax["training"] is True
    assert tax["unknown"]


def test_an_altered_file_fails_and_its_words_are_not_repeated(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "to-khai.xml"
    path.write_bytes(path.read_bytes().replace(b"0100100100", b"0999999999"))
    assert run(folder, "--any", str(path)) == 1
    said = capsys.readouterr().out
    assert "KHÔNG HỢP LỆ (FAILED)" in said
    assert "/HSoThueDTu/HSoKhaiThue đã khác lúc ký" in said
    assert "0999999999" not in said


def test_what_cannot_be_read_is_said_and_the_rest_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--any", str(folder), str(folder / "khong-co.xml"), str(folder / "hoa-don.xml")) == 10
    said = capsys.readouterr().out
    assert "là thư mục" in said
    assert "không có tệp này" in said
    assert "hoa-don.xml: CHƯA KẾT LUẬN ĐƯỢC" in said


def test_without_any_such_a_file_is_no_record(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, str(folder / "hoa-don.xml")) == 10
    assert "không phải tệp học bạ" in capsys.readouterr().out


def test_several_processes_say_the_same_as_one(folder: Path) -> None:
    paths: Sequence[Path] = [folder / "to-khai.xml", folder / "hoa-don.xml", folder / "khong-co.xml"] * 12
    trust = [folder / "trust"]
    now = datetime.now(UTC)
    alone = list(verify_files(paths, trust, workers=1, any_xml=True, now=now))
    assert list(verify_files(paths, trust, workers=2, any_xml=True, now=now)) == alone
    assert [one.verdict.verdict for one in alone[:3]] == [Verdict.INDETERMINATE] * 3
    assert [one.unreadable for one in alone[:3]] == [False, False, True]


def test_issuers_are_asked_about_the_certificates_of_any_file(hands: Hands, folder: Path) -> None:
    asked: list[str] = []

    def fetch(url: str, body: bytes | None, kind: str) -> bytes:
        asked.append(url)
        return b""

    trust = Trust(hands.trust().anchors)
    asked_about([folder / "to-khai.xml", folder / "khong-co.xml"], trust, fetch, any_xml=True)
    assert asked
    assert all(url.startswith("http://ca.thu") for url in asked)
    asked.clear()
    # A record's parser refuses namespace prefixes: nothing would be asked about a foreign file.
    asked_about([folder / "to-khai.xml"], trust, fetch)
    assert asked == []
