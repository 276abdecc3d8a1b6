"""What two verifiers that are not ours say: xmlsec1, and the JDK's own XMLDSig, which shares no code with libxml2.

All three accept every issued file, and refuse every change of what the signatures cover: the region, SignedInfo,
SignatureValue, the time of signing. HOCBA_STRIDE says which of those bytes are changed: every 37th, or with 1 each
one (`make prove`). xmlsec1 is asked about each third of these, in `make prove` about all.

A signed region is not the whole file. In one of 7,283 bytes, 178 single changes outside the certificates passed a
correct check of the signatures (NGAY_KY, SO_CCCD, X509SubjectName, white space): those only our verifier refuses,
because it compares every byte; see test_altered_files and test_other_spellings.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.config import softhsm_module
from hocba_tui.demo import second_opinion
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.model.values import Slot
from hocba_tui.signing.signer import Request
from hocba_tui.signing.token import TokenSigner, find_token
from tests.conftest import require_tool
from tests.support.forging import Forgers, ec_recipe, lower, resigned
from tests.support.refusal import assert_holds_for_xmlsec1
from tests.support.rival import DAY, NOW, SIGNED, Rival, certify, explicit_false
from tests.support.signed import each
from tests.support.tokens import PIN, OddKey, make_token
from tests.support.verifiers import java
from tests.support.verifiers.xmlsec1 import accepts_all

STRIDE = int(os.environ.get("HOCBA_STRIDE", "37"))
ASKED = 1 if STRIDE == 1 else 3
"""xmlsec1, which is started up to three times for a file, is asked about every third of the altered ones."""


@pytest.fixture(autouse=True)
def both_are_installed() -> None:
    require_tool("xmlsec1", present=second_opinion.available())
    require_tool("a JDK", present=java.available())


@pytest.fixture(scope="module")
def authority(issued_store: Path) -> Path:
    return issued_store / "trust" / "training" / "hocba-training-ca.pem"


def write(folder: Path, files: list[bytes]) -> list[Path]:
    paths = [folder / f"{number}.xml" for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    return paths


def test_every_issued_file_is_accepted_by_all_three(issued_store: Path, school_trust: Trust, authority: Path) -> None:
    files = sorted((issued_store / "issued").glob("*.xml"))
    assert len(files) == 31
    said = java.opinions(files)
    for file in files:
        assert verify(file.read_bytes(), school_trust).verdict is Verdict.PASSED
        assert java.accepts(said[file]), said[file]
    assert accepts_all(files, authority)


@dataclass(frozen=True)
class Alteration:
    """A changed byte, and the signatures that cover it."""

    position: int
    slots: frozenset[Slot]

    def of(self, data: bytes) -> bytes:
        return data[: self.position] + bytes([data[self.position] ^ 1]) + data[self.position + 1 :]


def covered(data: bytes) -> Iterator[Alteration]:
    """Yield every byte that a signature covers, or is."""
    region = re.search(rb"<DU_LIEU_HOC_BA .*</DU_LIEU_HOC_BA>", data)
    assert region is not None
    yield from (Alteration(position, frozenset(Slot)) for position in range(*region.span()))
    for slot in Slot:
        inside = re.search(rb"<%b>.*</%b>" % (slot.encode(), slot.encode()), data)
        assert inside is not None
        for part in (rb"<SignedInfo>.*</SignedInfo>", rb"(?<=<SignatureValue>)[^<]+", rb"<Object .*</Object>"):
            found = re.compile(part).search(data, *inside.span())
            assert found is not None
            yield from (Alteration(position, frozenset({slot})) for position in range(*found.span()))


def test_every_alteration_of_what_is_signed_is_refused_by_all_three(
    issued_files: list[bytes], school_trust: Trust, authority: Path, tmp_path: Path
) -> None:
    data = issued_files[0]
    alterations = list(covered(data))[::STRIDE]
    assert len(alterations) > 10_000 // STRIDE
    files = write(tmp_path, [alteration.of(data) for alteration in alterations])
    said = java.opinions(files)
    for number, (file, alteration) in enumerate(zip(files, alterations, strict=True)):
        place = data[max(0, alteration.position - 30) : alteration.position + 30]
        assert verify(file.read_bytes(), school_trust).verdict is Verdict.FAILED, place
        if number % ASKED == 0:
            assert not second_opinion.accepts(file, authority), place
        broken = {slot for slot, reason in said[file].items() if reason}
        whole = any(reason.startswith("not read") for reason in said[file].values())
        # Each signature is verified by itself: a check of one only would let two thirds of these pass.
        assert broken >= alteration.slots, place
        assert whole or "Id" in place.decode(errors="replace") or broken == alteration.slots, (place, said[file])


def test_a_broken_signature_is_not_hidden_by_two_good_ones(
    issued_files: list[bytes], authority: Path, tmp_path: Path
) -> None:
    data = issued_files[0]
    years = [found.end() for found in re.finditer(rb"<SigningTime>202", data)]
    files = write(tmp_path, [data[:year] + b"0" + data[year + 1 :] for year in years])
    said = java.opinions(files)
    for slot, file in zip(Slot, files, strict=True):
        assert not second_opinion.accepts(file, authority)
        assert {broken for broken, reason in said[file].items() if reason} == {slot}


def sign_by_token(module: Path, environment: dict[str, str], certificate: bytes, info: bytes) -> bytes:
    async def sign() -> bytes:
        fingerprint = sha256(certificate).hexdigest()
        token = await find_token([module], fingerprint, environment)
        signer = await TokenSigner.open(token, fingerprint, PIN, environment)
        try:
            (value,) = [made.value async for made in signer.sign(each(Request("1", info)))]
        finally:
            await signer.close()
        return lower(value)

    return asyncio.run(sign())


def test_a_record_signed_with_elliptic_keys_on_a_token_is_accepted_by_all_three(
    forgers: Forgers, tmp_path: Path
) -> None:
    """PKCS#11 hands out r and s side by side, as XMLDSig writes them, and not the DER of other formats."""
    module = softhsm_module()
    require_tool("softhsm2", present=module is not None and shutil.which("softhsm2-util") is not None)
    assert module is not None
    data = forgers.file
    for slot in Slot:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = forgers.certify(slot, key.public_key())
        environment = make_token(tmp_path / slot, module, OddKey(key, certificate))
        by_token = partial(sign_by_token, module, environment, certificate)
        data = resigned(data, slot, certificate, by_token, ec_recipe())
    (file,) = write(tmp_path, [data])
    pem = tmp_path / "authority.pem"
    pem.write_bytes(forgers.authority.public_bytes(Encoding.PEM))
    assert data.count(b"#ecdsa-sha256") == 3
    assert verify(data, forgers.trust(data)).verdict is Verdict.PASSED
    assert second_opinion.accepts(file, pem)
    assert java.accepts(java.opinions([file])[file])


def test_java_believes_neither_a_wrong_place_nor_a_weak_hash(issued_files: list[bytes], tmp_path: Path) -> None:
    """It is a verifier and not a stamp: what it is to find is put before it."""
    data = issued_files[0]
    seal = re.search(rb"<KY_PHAT_HANH>.*</KY_PHAT_HANH>", data)
    assert seal is not None
    made = [
        data.replace(seal.group(), b""),
        data.replace(seal.group(), seal.group() * 2),
        data.replace(b"<KY_PHAT_HANH>", b"<KY_PHAT_HANH><A>").replace(b"</KY_PHAT_HANH>", b"</A></KY_PHAT_HANH>"),
        data.replace(seal.group(), re.sub(rb"<Signature .*</Signature>", b"", seal.group())),
        data.replace(seal.group(), re.sub(rb"(<X509Certificate>.*</X509Certificate>)", rb"\1\1", seal.group())),
        data.replace(seal.group(), seal.group().replace(b"#sha256", b"#sha1")),
    ]
    for file, opinion in java.opinions(write(tmp_path, made)).items():
        assert opinion[Slot.SEAL], file
        assert not opinion[Slot.PRINCIPAL], file


def test_of_every_kind_of_signer_all_three_say_the_same_of_integrity(issued_files: list[bytes], tmp_path: Path) -> None:
    """Who signed and when is our verifier's question alone: no other sees that anything is amiss."""
    rival = Rival(issued_files[0])
    again = certify(rival.wish("GIAO_VIEN_CHU_NHIEM", "Cô giáo", serial="another"), rival.root)
    sloppy = rival.person("GIAO_VIEN_CHU_NHIEM", "k", change=explicit_false)
    ended = rival.person("GIAO_VIEN_CHU_NHIEM", "k", ends=SIGNED - DAY)
    made = [
        rival.file(),
        rival.file(again, rival.principal, rival.seal),
        rival.file(sloppy, rival.principal, rival.seal),
        rival.file(ended, rival.principal, rival.seal),
        rival.file(rival.teacher, rival.principal, rival.other_seal),
        rival.file(times=[SIGNED - 100 * DAY, SIGNED, SIGNED]),
        rival.file(changed={"NGAY_SINH": "2027-01-02"}),
    ]
    files = write(tmp_path, made)
    said = java.opinions(files)
    trust = Trust.from_folders([rival.trust(tmp_path / "trust")])
    for number, (file, data) in enumerate(zip(files, made, strict=True)):
        assert java.accepts(said[file]), said[file]
        found = verify(data, trust, now=NOW)
        assert [step.verdict for step in found.steps[:5]] == [Verdict.PASSED] * 5, number
        for slot in Slot:
            assert_holds_for_xmlsec1(data, slot, tmp_path)
    altered = write(tmp_path, [data.replace(b"<HO_VA_TEN>", b"<HO_VA_TEN>X", 1) for data in made])
    for file, opinion in java.opinions(altered).items():
        assert not java.accepts(opinion)
        assert verify(file.read_bytes(), trust, now=NOW).verdict is Verdict.FAILED
