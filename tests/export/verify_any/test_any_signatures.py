"""The signatures of files that are no records: what holds, who signed what, and what nobody can know."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.demo import second_opinion
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify_any.verdict import AnyVerdict
from hocba_tui.export.verify_any.verify import UNKNOWN, verify_any
from tests.conftest import require_tool
from tests.support.dsig import C14N, C14N11, ENVELOPED, EXCLUSIVE, MORE, Recipe, Ref, sign
from tests.support.foreign import INVOICE, NOW, SIGNED, TAX, Hands, make_hands, own_certificate

PASSED, FAILED, INDETERMINATE = Verdict.PASSED, Verdict.FAILED, Verdict.INDETERMINATE
Make = Callable[[Hands], bytes]
GOOD: dict[str, Make] = {
    "tax": lambda hands: hands.tax(),
    "tax with a prefix": lambda hands: hands.tax(prefix="ds"),
    "tax, exclusive SignedInfo": lambda hands: hands.tax(c14n=EXCLUSIVE),
    "tax, canonical 1.1": lambda hands: hands.tax(c14n=C14N11),
    "tax, time in the namespace of signatures": lambda hands: hands.tax(time_namespace=""),
    "tax, SHA-512": lambda hands: hands.tax(
        method=f"{MORE}rsa-sha512", digest="http://www.w3.org/2001/04/xmlenc#sha512"
    ),
    "tax, SHA-384": lambda hands: hands.tax(method=f"{MORE}rsa-sha384", digest=f"{MORE}sha384"),
    "vendor": lambda hands: hands.vendor(),
    "enveloped": lambda hands: hands.invoice(),
    "enveloped, exclusive": lambda hands: hands.invoice("", EXCLUSIVE),
    "enveloped, inclusive named": lambda hands: hands.invoice("", C14N),
    "enveloped, canonical 1.1, prefix": lambda hands: hands.invoice("", C14N11, prefix="ds"),
    "enveloped by name, standing outside": lambda hands: hands.invoice("#hd"),
}


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Hands:
    return make_hands(tmp_path_factory.mktemp("state"))


def verdicts(found: AnyVerdict) -> list[Verdict]:
    return [signature.verdict for signature in found.signatures]


def one_step(found: AnyVerdict, number: int, signature: int = 0) -> tuple[Verdict, str]:
    step = found.signatures[signature].steps[number - 1]
    assert step.number == number
    return step.verdict, step.reason


@pytest.mark.parametrize("make", GOOD.values(), ids=list(GOOD))
def test_a_good_file_has_good_signatures_and_is_itself_never_passed(hands: Hands, make: Make) -> None:
    found = hands.verified(make(hands))
    assert set(verdicts(found)) == {PASSED}, found
    assert found.verdict is INDETERMINATE
    assert "Bước 5" in found.reason
    assert found.unknown[: len(UNKNOWN)] == UNKNOWN
    assert not found.training


def test_two_signers_of_a_tax_document_and_what_each_covers(hands: Hands) -> None:
    found = hands.verified(hands.tax())
    payer, office = found.signatures
    assert payer.place == "/HSoThueDTu/DSCKS/NNT/Signature"
    assert payer.covers == ("/HSoThueDTu/HSoKhaiThue", "/HSoThueDTu/DSCKS/NNT/Signature/Object")
    assert office.covers[:2] == ("/HSoThueDTu/HSoKhaiThue", "/HSoThueDTu/MaGDich")
    assert (payer.signer.holder, office.signer.holder) == ("Nguyễn Thị A", "Trần Văn B")
    assert "CN=CA thử của nhà nước" in payer.signer.issuer
    assert payer.signer.serial == f"{hands.authority.certificate('teacher').serial_number:x}"
    assert payer.time == "2026-06-10T08:00:00+07:00"
    assert ("/HSoThueDTu/HSoKhaiThue/TTinChung/tenNNT", "Trường & Bạn") in found.values
    assert ("/HSoThueDTu/HSoKhaiThue/TTinChung/mst/@nil", "false") in found.values
    assert found.uncovered == ()


def test_a_vendors_nested_signatures_hold_one_within_the_other(hands: Hands) -> None:
    found = hands.verified(hands.vendor())
    assert [signature.covers[0] for signature in found.signatures] == [
        "/HOC_BA/DU_LIEU_HOC_BA/THONG_TIN_HOC_BA",
        "/HOC_BA/DU_LIEU_HOC_BA",
        "/HOC_BA/DU_LIEU_HOC_BA",
    ]
    assert not any("Signature" in path for path, _ in found.values)


def test_our_own_records_hold_too(issued_store: Path) -> None:
    trust = Trust.from_folders([issued_store / "trust"])
    found = verify_any(min((issued_store / "issued").glob("*.xml")).read_bytes(), trust)
    assert verdicts(found) == [PASSED] * 3
    assert found.training
    # What only the canonical assembly holds fast, no signature of the state's recipe covers.
    assert "/HOC_BA/DANH_SACH_THONG_TIN_KY/GVCN/NGAY_KY" in found.uncovered
    assert found.verdict is INDETERMINATE
    assert "Bước 4" in found.reason


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_ecdsa_of_an_unknown_issuer_holds_and_is_left_open(hands: Hands, curve: ec.EllipticCurve) -> None:
    key = ec.generate_private_key(curve)
    recipe = Recipe((Ref("#data"),), key, (own_certificate(key),), method=f"{MORE}ecdsa-sha256")
    found = hands.verified(sign(TAX, "</NNT>", recipe).encode())
    assert one_step(found, 2) == (PASSED, "")
    assert one_step(found, 4) == (INDETERMINATE, "không có nơi cấp chứng thư này trong danh sách tin cậy ở đây")
    assert verdicts(found) == [INDETERMINATE]


def opinion(hands: Hands, folder: Path, data: bytes, place: str) -> bool:
    """Return what xmlsec1 thinks of one signature."""
    (folder / "root.pem").write_bytes(hands.authority.certificate("root").public_bytes(Encoding.PEM))
    (folder / "any.xml").write_bytes(data)
    names = ("Id", "Object"), ("Id", "DLHDon"), ("Id", "DU_LIEU_HOC_BA"), ("Id", "THONG_TIN_HOC_BA")
    ids = (*names, ("id", "HSoKhaiThue"), ("id", "MaGDich"))
    path = "".join(f"/*[local-name()='{step}']" for step in place.strip("/").split("/"))
    command = ["xmlsec1", "--verify", "--enabled-key-data", "x509", "--trusted-pem", str(folder / "root.pem")]
    for attribute, name in ids:
        command += [f"--id-attr:{attribute}", name]
    command += ["--node-xpath", path, str(folder / "any.xml")]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("make", GOOD.values(), ids=list(GOOD))
def test_xmlsec1_thinks_the_same(hands: Hands, tmp_path: Path, make: Make) -> None:
    require_tool("xmlsec1", present=second_opinion.available())
    data = make(hands)
    for signature in hands.verified(data).signatures:
        assert opinion(hands, tmp_path, data, signature.place)
    for old in (b"0100100100", b"<TEN_LOP>5A", b"120000", b"<SigningTime>2026"):
        if old in data:
            altered = data.replace(old, old.replace(b"0", b"1").replace(b"5", b"4"), 1)
            found = hands.verified(altered).signatures
            mine = [signature.verdict is not FAILED for signature in found]
            assert mine == [opinion(hands, tmp_path, altered, signature.place) for signature in found]
            assert not all(mine)


def test_what_no_signature_covers_is_told(hands: Hands) -> None:
    made = sign(TAX.replace("<DSCKS>", '<GhiChu so="1">ai cũng <b>sửa</b></GhiChu>ngoài<DSCKS>'), "</NNT>",
                hands.recipe("teacher", Ref("#data")))  # fmt: skip
    found = hands.verified(made.encode())
    assert found.uncovered == (
        "/HSoThueDTu (chữ hoặc thuộc tính của riêng phần tử này)",
        "/HSoThueDTu/MaGDich",
        "/HSoThueDTu/GhiChu",
        "/HSoThueDTu/DSCKS/CQT",
    )
    assert "Bước 4" in found.reason
    assert not any("GhiChu" in path or "MaGDich" in path for path, _ in found.values)
    assert verdicts(found) == [PASSED]


def test_an_object_of_a_signature_that_it_does_not_cover_is_told(hands: Hands) -> None:
    found = hands.verified(hands.tax(objects="<Object><GiaMao>x</GiaMao></Object>"))
    assert "/HSoThueDTu/DSCKS/NNT/Signature/Object[2]" in found.uncovered
    assert found.signatures[0].verdict is PASSED


def test_many_uncovered_places_are_counted_not_listed(hands: Hands) -> None:
    many = "".join(f"<x>{n}</x>" for n in range(1000))
    made = sign(TAX.replace("<DSCKS>", f"{many}<DSCKS>"), "</NNT>", hands.recipe("teacher", Ref("#data")))
    found = hands.verified(made.encode())
    assert len(found.uncovered) <= 301
    assert found.uncovered[-1].startswith("… và 70")


def test_an_unsigned_element_named_like_a_signed_one_leaves_its_signature_open(hands: Hands) -> None:
    made = sign(TAX.replace("<DSCKS>", "<Moi><HSoKhaiThue>giả</HSoKhaiThue></Moi><DSCKS>"), "</NNT>",
                hands.recipe("teacher", Ref("#data")))  # fmt: skip
    found = hands.verified(made.encode())
    verdict, reason = one_step(found, 6)
    assert (verdict, "/HSoThueDTu/Moi/HSoKhaiThue" in reason) == (INDETERMINATE, True)


def test_a_stranger_who_signs_the_twin_does_not_make_it_look_signed(hands: Hands) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = sign(TAX.replace("<DSCKS>", '<Moi><HSoKhaiThue id="gia">giả</HSoKhaiThue></Moi><DSCKS>'), "</NNT>",
                hands.recipe("teacher", Ref("#data")))  # fmt: skip
    stranger = Recipe((Ref("#gia"),), key, (own_certificate(key),), name="x", method=f"{MORE}ecdsa-sha256")
    found = hands.verified(sign(made, "</CQT>", stranger).encode())
    assert verdicts(found) == [INDETERMINATE, INDETERMINATE]
    assert "/HSoThueDTu/Moi/HSoKhaiThue" in found.signatures[0].reason


@pytest.mark.parametrize(
    ("label", "verdict", "word"),
    [
        ("revoked-before", FAILED, "trước khi ký"),
        ("revoked-after", INDETERMINATE, "dấu thời gian"),
        ("on-hold", INDETERMINATE, "tạm dừng"),
        ("wrong-usage", FAILED, "không được cấp để ký số"),
    ],
)
def test_a_certificate_that_was_not_good(hands: Hands, label: str, verdict: Verdict, word: str) -> None:
    answered = [label] if label != "wrong-usage" else []
    found = verify_any(hands.tax(first=label), hands.trust(*answered, "principal"), NOW)
    assert verdicts(found) == [verdict, PASSED]
    assert word in found.signatures[0].reason
    assert found.verdict is verdict


def test_without_answers_or_issuers_nothing_is_concluded(hands: Hands) -> None:
    assert verdicts(verify_any(hands.tax(), hands.trust("teacher"), NOW)) == [PASSED, INDETERMINATE]
    assert verdicts(verify_any(hands.tax(), Trust(), NOW)) == [INDETERMINATE] * 2


def test_a_training_key_is_said_to_be_one(hands: Hands) -> None:
    found = verify_any(hands.tax(), hands.trust(training=True), NOW)
    assert found.training
    assert verdicts(found) == [PASSED] * 2


@pytest.mark.parametrize(
    ("how", "verdict", "word"),
    [
        ({"time": ""}, INDETERMINATE, "không ghi thời điểm"),
        ({"time_signed": False}, INDETERMINATE, "không nằm trong phần được ký"),
        ({"time": "hôm qua"}, INDETERMINATE, "không đọc được"),
        ({"time": "0001-01-01T00:00:00"}, FAILED, "không hợp lí"),
        ({"time": "2027-06-10T08:00:00"}, FAILED, "tương lai"),
        ({"time": "2019-06-10T08:00:00"}, FAILED, "chưa có hiệu lực"),
    ],
)
def test_the_time_of_signing(hands: Hands, how: dict[str, Any], verdict: Verdict, word: str) -> None:
    found = hands.verified(hands.tax(**how))
    assert found.signatures[0].verdict is verdict
    assert word in found.signatures[0].reason
    if how.get("time", "") == "" or "không đọc" in word:
        assert found.signatures[0].time == ""


XADES = (
    '<Object><x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#sig-teacher">'
    '<x:SignedProperties Id="xades"><x:SignedSignatureProperties><x:SigningTime>{time}</x:SigningTime>'
    "</x:SignedSignatureProperties></x:SignedProperties></x:QualifyingProperties></Object>"
)


def xades(hands: Hands, xades_time: str, **how: Any) -> AnyVerdict:
    recipe = hands.recipe("teacher", Ref("#data"), Ref("#xades"), objects=XADES.format(time=xades_time), **how)
    return hands.verified(sign(TAX, "</NNT>", recipe).encode())


def test_the_time_of_xades_is_read_and_the_rest_of_it_is_said_to_be_unchecked(hands: Hands) -> None:
    found = xades(hands, "2026-06-10T01:00:00Z", time="")
    assert found.signatures[0].time == "2026-06-10T08:00:00+07:00"
    assert verdicts(found) == [PASSED]
    assert any("XAdES" in sentence for sentence in found.unknown)
    assert verdicts(xades(hands, "2026-06-10T01:00:00Z")) == [PASSED]
    assert "nhiều thời điểm" in xades(hands, "2026-06-10T02:00:00Z").signatures[0].reason


def test_a_revoked_certificate_without_a_time_may_have_signed_before(hands: Hands) -> None:
    found = verify_any(hands.tax(first="revoked-before", time=""), hands.trust("revoked-before"), NOW)
    assert found.signatures[0].verdict is INDETERMINATE
    assert "chứng thư bị thu hồi ngày 01/03/2026; không có dấu thời gian" in one_step(found, 5)[1]


def test_a_certificate_that_has_expired_by_now_is_left_open_where_no_time_is_claimed(hands: Hands) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    recipe = Recipe((Ref("#data"),), key, (own_certificate(key),), time="", method=f"{MORE}ecdsa-sha256")
    found = verify_any(sign(TAX, "</NNT>", recipe).encode(), Trust(), SIGNED + timedelta(days=3000))
    assert one_step(found, 4)[0] is INDETERMINATE
    assert "không rõ ký lúc nào; tính đến bây giờ, chứng thư đã hết hạn" in one_step(found, 4)[1]


def test_a_chain_in_the_file_is_no_hindrance_and_no_reason_to_believe(hands: Hands) -> None:
    chain = (hands.certificate("root"), hands.certificate("teacher"))
    found = hands.verified(hands.tax(certificates=chain))
    assert verdicts(found) == [PASSED, PASSED]
    assert found.signatures[0].signer.holder == "Nguyễn Thị A"
    assert verdicts(verify_any(hands.tax(certificates=chain), Trust(), NOW))[0] is INDETERMINATE


def test_a_second_enveloped_signature_breaks_the_first_and_two_by_name_do_not(hands: Hands) -> None:
    place_for_two = INVOICE.replace("</NBan>", "</NBan><NMua></NMua>")
    for uri, expected in (("", [FAILED, PASSED]), ("#hd", [PASSED, PASSED])):
        once = sign(place_for_two, "</NBan>", hands.recipe("seal", Ref(uri, (ENVELOPED,))))
        assert verdicts(hands.verified(once.encode())) == [PASSED]
        twice = hands.verified(sign(once, "</NMua>", hands.recipe("teacher", Ref(uri, (ENVELOPED,)))).encode())
        assert verdicts(twice) == expected
        assert (twice.verdict is FAILED) == (FAILED in expected)
        assert (twice.values == ()) == (FAILED in expected)
