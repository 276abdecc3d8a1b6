"""A record's file may not differ in a single byte from what three people signed."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from hocba_tui.demo import second_opinion
from hocba_tui.demo.keys import Holder, make_keys
from hocba_tui.export.trust import Trust
from hocba_tui.export.verdict import Verdict
from hocba_tui.export.verify import verify
from tests.conftest import require_tool


@pytest.fixture(scope="module")
def files(issued_store: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((issued_store / "issued").glob("*.xml"))]


@pytest.fixture(scope="module")
def trust(issued_store: Path) -> Trust:
    return Trust.from_folders([issued_store / "trust"])


def assert_refused(data: bytes, trust: Trust, what: str) -> None:
    verdict = verify(data, trust)
    assert verdict.verdict is Verdict.FAILED, what
    assert verdict.reason
    assert verdict.values == {}


@pytest.mark.parametrize("part", range(8))
def test_every_changed_byte_is_refused(files: list[bytes], trust: Trust, part: int) -> None:
    data = files[0]
    for position in range(part, len(data), 8):
        altered = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        assert_refused(altered, trust, f"byte {position}: {data[max(0, position - 20) : position + 20]!r}")


def test_every_removed_or_doubled_byte_outside_text_is_refused(files: list[bytes], trust: Trust) -> None:
    data = files[0]
    for position in range(0, len(data), 97):
        assert_refused(data[:position] + data[position + 1 :], trust, f"removed {position}")
        assert_refused(data[:position] + data[position : position + 1] + data[position:], trust, f"doubled {position}")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<HOC_BA>", b"<!-- x --><HOC_BA>"),
        (b"<HOC_BA>", b'<!DOCTYPE HOC_BA [<!ENTITY a "b">]><HOC_BA>'),
        (b"<HOC_BA>", b"<?x y?><HOC_BA>"),
        (b"<HOC_BA>", b"<HOC_BA xml:lang='vi'>"),
        (b"<HOC_BA>", b"<HOC_BA xmlns:a='urn:a'>"),
        (b"</HOC_BA>\n", b"</HOC_BA>"),
        (b"</HOC_BA>\n", b"</HOC_BA>\n\n"),
        (b"</DANH_SACH_THONG_TIN_KY>", b"<KHAC/></DANH_SACH_THONG_TIN_KY>"),
        (b"<HO_VA_TEN>", b"<HO_VA_TEN><!-- x -->"),
        (b'<?xml version="1.0" encoding="UTF-8"?>\n', b""),
        (b'<?xml version="1.0" encoding="UTF-8"?>\n', b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n'),
        (b"#sha256", b"#sha1"),
        (b"rsa-sha256", b"rsa-sha1"),
        (b'<SignatureProperties xmlns="">', b"<SignatureProperties>"),
        (b"></DigestMethod>", b"/>"),
    ],
)
def test_known_tricks_are_refused(files: list[bytes], trust: Trust, old: bytes, new: bytes) -> None:
    assert old in files[0]
    assert_refused(files[0].replace(old, new, 1), trust, f"{old!r} → {new!r}")


def slot(data: bytes, name: bytes) -> bytes:
    match = re.search(rb"<%b>.*</%b>" % (name, name), data, re.DOTALL)
    assert match is not None
    return match.group()


SLOTS = [b"GVCN", b"CBQL", b"KY_PHAT_HANH"]


@pytest.mark.parametrize("name", SLOTS)
def test_a_signature_of_another_pupil_is_refused(files: list[bytes], trust: Trust, name: bytes) -> None:
    assert_refused(files[0].replace(slot(files[0], name), slot(files[1], name)), trust, "swapped")


@pytest.mark.parametrize("name", SLOTS)
def test_a_doubled_signature_is_refused(files: list[bytes], trust: Trust, name: bytes) -> None:
    assert_refused(files[0].replace(slot(files[0], name), slot(files[0], name) * 2), trust, "doubled")


@pytest.mark.parametrize("name", [b"CBQL", b"KY_PHAT_HANH"])
def test_a_missing_required_signature_is_refused(files: list[bytes], trust: Trust, name: bytes) -> None:
    assert_refused(files[0].replace(slot(files[0], name), b""), trust, "removed")


def test_signatures_in_another_order_are_refused(files: list[bytes], trust: Trust) -> None:
    principal, seal = slot(files[0], b"CBQL"), slot(files[0], b"KY_PHAT_HANH")
    assert_refused(files[0].replace(principal + seal, seal + principal), trust, "reordered")


def test_another_pupils_region_under_these_signatures_is_refused(files: list[bytes], trust: Trust) -> None:
    region = re.compile(rb"<DU_LIEU_HOC_BA .*</DU_LIEU_HOC_BA>", re.DOTALL)
    one, two = region.search(files[0]), region.search(files[1])
    assert one is not None
    assert two is not None
    assert_refused(files[0].replace(one.group(), two.group()), trust, "another region")
    wrapped = b"<KHAC>" + one.group() + b"</KHAC>"
    assert_refused(files[0].replace(one.group(), two.group() + wrapped), trust, "wrapped")


def test_a_certificate_with_the_same_names_from_another_issuer_is_not_believed(
    files: list[bytes], trust: Trust
) -> None:
    keys = make_keys([Holder("x", "Trường Tiểu học Liễu Đề", "Sở Giáo dục và Đào tạo Ninh Bình")])
    from cryptography.hazmat.primitives.serialization import Encoding

    forged = base64.b64encode(keys.keys["x"][1].public_bytes(Encoding.DER))
    old = re.findall(rb"<X509Certificate>([^<]+)<", files[0])[2]
    assert_refused(files[0].replace(old, forged), trust, "forged certificate")


def test_without_pinned_issuers_nothing_is_concluded(files: list[bytes]) -> None:
    assert verify(files[0], Trust()).verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"<a/>", b"<HOC_BA/>", b"PK\x03\x04", b"<a>" * 100_000])
def test_garbage_is_refused_without_a_word_of_python(data: bytes, trust: Trust) -> None:
    assert_refused(data, trust, "garbage")


def test_xmlsec1_accepts_the_file_and_refuses_an_altered_one(issued_store: Path, tmp_path: Path) -> None:
    require_tool("xmlsec1", present=second_opinion.available())
    authority = issued_store / "trust" / "training" / "hocba-training-ca.pem"
    for path in sorted((issued_store / "issued").glob("*.xml")):
        assert second_opinion.accepts(path, authority), path
    data = path.read_bytes()
    altered = tmp_path / "altered.xml"
    altered.write_bytes(data.replace(b"<TEN_LOP>5A<", b"<TEN_LOP>5B<", 1))
    assert not second_opinion.accepts(altered, authority)


def test_a_broken_third_signature_is_not_overlooked_by_the_second_opinion(issued_store: Path, tmp_path: Path) -> None:
    require_tool("xmlsec1", present=second_opinion.available())
    authority = issued_store / "trust" / "training" / "hocba-training-ca.pem"
    data = next((issued_store / "issued").glob("*.xml")).read_bytes()
    seal = slot(data, b"KY_PHAT_HANH")
    broken = tmp_path / "broken.xml"
    changed = seal.replace(b"<SigningTime>20", b"<SigningTime>21")
    broken.write_bytes(data.replace(seal, changed))
    assert not second_opinion.accepts(broken, authority)
