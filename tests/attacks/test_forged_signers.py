"""People with real keys who sign what is not theirs to sign."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from hocba_tui.export.record.assembly import record_file, record_target
from hocba_tui.export.record.package import open_package
from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.record.schema import NotWellFormed
from hocba_tui.export.record.signature import signed_info
from hocba_tui.export.record.xmldsig_check import BrokenSignature
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.signatures import signatures_of
from hocba_tui.model.record import Signed
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.signing.training import PIN, SEAL, key_file

PROFILE = load_profile("hbs-1.0")


class Forger:
    """Somebody with the keys of one school and one record to play with."""

    def __init__(self, root: Path) -> None:
        desk = open_desk(root, "vanthu")
        shard = desk.class_shard("5A")
        record = next(r for r in desk.records("5A").values() if r.state is RecordState.ISSUED)
        self.uuid = record.uuid
        self.region = shard.kept(record.frozen)
        self.made = signatures_of(shard, record)
        self.root = root
        self.desk = desk
        self.trust = Trust.from_folders([root / "trust"])

    def sign(self, slot: Slot, label: str, region: bytes | None = None) -> Signed:
        key, certificate = load(self.root, label)
        target = record_target(PROFILE, self.uuid, slot, region or self.region, ())
        data = signed_info(target, self.time(slot), certificate)
        return Signed(slot, self.time(slot), key.sign(data, padding.PKCS1v15(), hashes.SHA256()), certificate)

    def time(self, slot: Slot) -> str:
        return next(signed.time for signed in self.made if signed.slot is slot)

    def verdict(self, *made: Signed, region: bytes | None = None) -> Verdict:
        return verify(record_file(PROFILE, self.uuid, region or self.region, made), self.trust).verdict


def load(root: Path, label: str) -> tuple[rsa.RSAPrivateKey, bytes]:
    key, certificate, _ = pkcs12.load_key_and_certificates(key_file(root, label).read_bytes(), PIN.encode())
    assert isinstance(key, rsa.RSAPrivateKey)
    assert certificate is not None
    return key, certificate.public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def forger(issued_store: Path) -> Forger:
    return Forger(issued_store)


def test_the_right_three_keys_pass(forger: Forger) -> None:
    made = [
        forger.sign(Slot.HOMEROOM, "gv.5a"),
        forger.sign(Slot.PRINCIPAL, "hieutruong"),
        forger.sign(Slot.SEAL, SEAL),
    ]
    assert forger.verdict(*made) is Verdict.PASSED


@pytest.mark.parametrize("label", ["gv.1a", "hieutruong", "phohieutruong", "gv.5a"])
def test_a_personal_key_is_no_seal(forger: Forger, label: str) -> None:
    made = [forger.sign(Slot.HOMEROOM, "gv.5a"), forger.sign(Slot.PRINCIPAL, "hieutruong")]
    assert forger.verdict(*made, forger.sign(Slot.SEAL, label)) is Verdict.FAILED


@pytest.mark.parametrize("label", ["gv.1a", "phohieutruong", SEAL])
def test_nobody_signs_for_the_principal(forger: Forger, label: str) -> None:
    made = [forger.sign(Slot.HOMEROOM, "gv.5a"), forger.sign(Slot.PRINCIPAL, label), forger.sign(Slot.SEAL, SEAL)]
    assert forger.verdict(*made) is not Verdict.PASSED


def test_a_teacher_who_writes_her_own_id_beside_the_principals_name_is_found_out(forger: Forger) -> None:
    principal, teacher = forger.desk.staff("hieutruong"), forger.desk.staff("gv.1a")
    region = forger.region.replace(principal.personal_id.encode(), teacher.personal_id.encode())
    made = [
        forger.sign(Slot.HOMEROOM, "gv.5a", region),
        forger.sign(Slot.PRINCIPAL, "gv.1a", region),
        forger.sign(Slot.SEAL, SEAL, region),
    ]
    assert forger.verdict(*made, region=region) is Verdict.FAILED


def test_where_no_seal_is_registered_nothing_is_concluded(forger: Forger) -> None:
    data = record_file(PROFILE, forger.uuid, forger.region, forger.made)
    assert verify(data, Trust(forger.trust.anchors)).verdict is Verdict.INDETERMINATE


def test_a_named_homeroom_teacher_must_have_signed(forger: Forger) -> None:
    made = tuple(signed for signed in forger.made if signed.slot is not Slot.HOMEROOM)
    assert forger.verdict(*made) is Verdict.FAILED


def test_the_one_octet_of_a_certificate_that_nobody_signs_must_be_zero(forger: Forger) -> None:
    for signed in forger.made:
        data = record_file(PROFILE, forger.uuid, forger.region, forger.made)
        place = len(signed.certificate) - 257
        assert signed.certificate[place] == 0
        for bits in (1, 2, 4, 7):
            odd = signed.certificate[:place] + bytes([bits]) + signed.certificate[place + 1 :]
            made = tuple(Signed(s.slot, s.time, s.value, odd) if s.slot is signed.slot else s for s in forger.made)
            try:
                altered = record_file(PROFILE, forger.uuid, forger.region, made)
            except ValueError:
                continue
            assert altered != data
            assert verify(altered, forger.trust).verdict is Verdict.FAILED


def test_signatures_out_of_order_or_in_the_future_are_refused(forger: Forger) -> None:
    def at(slot: Slot, label: str, time: str) -> Signed:
        key, certificate = load(forger.root, label)
        data = signed_info(record_target(PROFILE, forger.uuid, slot, forger.region, ()), time, certificate)
        return Signed(slot, time, key.sign(data, padding.PKCS1v15(), hashes.SHA256()), certificate)

    late = forger.time(Slot.SEAL)
    future = f"{int(late[:4]) + 2}{late[4:]}"
    first, second = forger.sign(Slot.HOMEROOM, "gv.5a"), forger.sign(Slot.PRINCIPAL, "hieutruong")
    assert forger.verdict(first, second, at(Slot.SEAL, SEAL, future)) is Verdict.FAILED
    swapped = at(Slot.PRINCIPAL, "hieutruong", future)
    assert forger.verdict(first, swapped, forger.sign(Slot.SEAL, SEAL)) is Verdict.FAILED


def test_what_is_shown_is_the_records_own_class_and_not_an_earlier_one(forger: Forger) -> None:
    values = verify(record_file(PROFILE, forger.uuid, forger.region, forger.made), forger.trust).values
    assert values["TEN_LOP"] == "5A"
    assert values["TEN_TRUONG"] == forger.desk.school.name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"<SigningTime>\d{4}", b"<SigningTime>0001"),
        (rb"<SignatureValue>[^<]+<", b"<SignatureValue><"),
        (rb"<X509Certificate>[^<]+<", b"<X509Certificate><"),
    ],
)
def test_an_odd_batch_is_refused_and_raises_nothing_else(issued_store: Path, old: bytes, new: bytes) -> None:
    outbox = open_desk(issued_store, "vanthu").store.shard("outbox")
    data = outbox.kept(next(iter(outbox.table("batches").values()))["file"])
    assert len(open_package(data).files) == 31
    head, mark, tail = data.rpartition(b"<KY_GIAO_DICH>")
    with pytest.raises((BrokenSignature, NotWellFormed)):
        open_package(head + mark + re.sub(old, new, tail, count=1))
