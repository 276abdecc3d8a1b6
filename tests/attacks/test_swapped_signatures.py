"""Signatures taken from another pupil, another person, another year or an older version of the record.

What no file can tell: a file that was replaced later is still what three people signed that day. It passes, with the
values and the days of signing of its own; only those who have the newer one know that it no longer counts (the portal
refuses the second file of one UUID, tests/sandbox).
"""

from __future__ import annotations

import itertools
import re

import pytest

from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.model.values import Slot
from tests.support.forging import Forgers, pkcs1, region_of, resigned, slot_of
from tests.support.refusal import assert_refused
from tests.support.table import table

PAIRS = list(itertools.permutations(Slot, 2))


def part(slot: bytes, tag: bytes) -> bytes:
    """Return an element of a slot."""
    found = re.search(rb"<%b[ >].*</%b>" % (tag, tag), slot)
    assert found is not None
    return found.group()


def with_parts(data: bytes, donor: bytes, into: Slot, source: Slot, *tags: bytes) -> bytes:
    """Return ``data`` with some elements of one slot taken from a slot of ``donor``."""
    old, other = slot_of(data, into), slot_of(donor, source)
    new = old
    for tag in tags:
        new = new.replace(part(old, tag), part(other, tag))
    return data.replace(old, new)


PARTS = [
    (b"Signature",),
    (b"SignedInfo",),
    (b"SignedInfo", b"SignatureValue"),
    (b"SignatureValue",),
    (b"SignatureValue", b"KeyInfo"),
    (b"SignedInfo", b"SignatureValue", b"KeyInfo"),
    (b"SignedInfo", b"SignatureValue", b"Object", b"NGAY_KY"),
]


@table("back", [False, True])
@table("slot", list(Slot))
@table("tags", PARTS)
def test_parts_of_the_same_slot_of_another_pupil(
    issued_files: list[bytes], school_trust: Trust, slot: Slot, tags: tuple[bytes, ...], *, back: bool
) -> None:
    """The same person signed both."""
    one, two = issued_files[:2][::-1] if back else issued_files[:2]
    altered = with_parts(one, two, slot, slot, *tags)
    assert altered != one
    assert_refused(altered, school_trust)


@table("back", [False, True])
@table("slots", [[*Slot], [Slot.HOMEROOM], [Slot.PRINCIPAL], [Slot.SEAL], [Slot.PRINCIPAL, Slot.SEAL]])
def test_whole_slots_of_another_pupil(
    issued_files: list[bytes], school_trust: Trust, slots: list[Slot], *, back: bool
) -> None:
    altered, donor = issued_files[:2][::-1] if back else issued_files[:2]
    for slot in slots:
        altered = altered.replace(slot_of(altered, slot), slot_of(donor, slot))
    assert_refused(altered, school_trust)


def test_another_pupils_region_under_all_three(issued_files: list[bytes], school_trust: Trust) -> None:
    for one, two in itertools.permutations(issued_files[:4], 2):
        assert_refused(one.replace(region_of(one), region_of(two)), school_trust)


def test_another_pupils_region_with_the_ids_of_this_one(issued_files: list[bytes], school_trust: Trust) -> None:
    one, two = issued_files[:2]
    ids = [re.findall(rb'Id="data-([^"]+)"', data)[0] for data in (one, two)]
    assert_refused(one.replace(region_of(one), region_of(two).replace(ids[1], ids[0])), school_trust)


@table(("into", "source"), PAIRS)
@table("tags", [*PARTS, (b"X509Certificate",), (b"KeyInfo",), (b"X509SubjectName",)])
def test_parts_of_another_slot_of_the_same_record(
    issued_files: list[bytes], school_trust: Trust, into: Slot, source: Slot, tags: tuple[bytes, ...]
) -> None:
    altered = with_parts(issued_files[0], issued_files[0], into, source, *tags)
    assert altered != issued_files[0]
    assert_refused(altered, school_trust)


@pytest.mark.parametrize("order", list(itertools.permutations(Slot))[1:])
def test_slots_in_another_order(issued_files: list[bytes], school_trust: Trust, order: tuple[Slot, ...]) -> None:
    data = issued_files[0]
    whole = b"".join(slot_of(data, slot) for slot in Slot)
    assert whole in data
    assert_refused(data.replace(whole, b"".join(slot_of(data, slot) for slot in order)), school_trust)


@pytest.mark.parametrize("kept", [kept for size in range(3) for kept in itertools.combinations(Slot, size)])
def test_slots_that_are_missing(issued_files: list[bytes], school_trust: Trust, kept: tuple[Slot, ...]) -> None:
    data = issued_files[0]
    for slot in set(Slot) - set(kept):
        data = data.replace(slot_of(data, slot), b"")
    assert_refused(data, school_trust)


@pytest.mark.parametrize(("into", "source"), list(itertools.product(Slot, Slot)))
def test_a_signature_more(issued_files: list[bytes], school_trust: Trust, into: Slot, source: Slot) -> None:
    data = issued_files[0]
    more = slot_of(issued_files[1], source)
    assert_refused(data.replace(slot_of(data, into), slot_of(data, into) + more), school_trust)
    inside = part(more, b"Signature")
    assert_refused(data.replace(f"</{into}>".encode(), inside + f"</{into}>".encode()), school_trust)


@pytest.mark.parametrize("slot", list(Slot))
def test_the_right_signature_of_the_wrong_person(forgers: Forgers, slot: Slot) -> None:
    """Each person's own certificate of the same authority, signing in another's slot."""
    for other in set(Slot) - {slot}:
        key, certificate = forgers.good(other)
        data = resigned(forgers.file, slot, certificate, pkcs1(key))
        assert_refused(data, forgers.trust(forgers.file))


def corrected(forgers: Forgers, old: bytes, new: bytes) -> bytes:
    """Return the record as it is issued again with a correction, signed by the same three under the same UUID."""
    data = forgers.file.replace(region_of(forgers.file), region_of(forgers.file).replace(old, new))
    assert data != forgers.file
    for slot in Slot:
        key, certificate = forgers.good(slot)
        data = resigned(data, slot, certificate, pkcs1(key))
    return data


CORRECTION = (b"<MUC_DAT_DUOC>H<", b"<MUC_DAT_DUOC>T<")
NEXT_YEAR = (b"<TEN_NAM_HOC>2025-2026<", b"<TEN_NAM_HOC>2026-2027<")


@pytest.mark.parametrize("change", [CORRECTION, NEXT_YEAR], ids=["correction", "year"])
@pytest.mark.parametrize("back", [False, True])
def test_signatures_of_an_older_version_under_a_newer_one(
    forgers: Forgers, change: tuple[bytes, bytes], *, back: bool
) -> None:
    one, two = forgers.file, corrected(forgers, *change)
    trust = forgers.trust(forgers.file)
    assert verify(two, trust).verdict is Verdict.PASSED
    if back:
        one, two = two, one
    assert_refused(two.replace(region_of(two), region_of(one)), trust)
    for slot in Slot:
        assert_refused(two.replace(slot_of(two, slot), slot_of(one, slot)), trust)
    for slots in itertools.combinations(Slot, 2):
        mixed = two
        for slot in slots:
            mixed = mixed.replace(slot_of(mixed, slot), slot_of(one, slot))
        assert_refused(mixed, trust)


def test_a_file_that_was_replaced_passes_and_says_what_it_said(forgers: Forgers) -> None:
    """No verifier of a file can know of a later one; what it shows is that version's, never the newer one's."""
    newer = corrected(forgers, *NEXT_YEAR)
    trust = forgers.trust(forgers.file)
    old, new = verify(forgers.file, trust), verify(newer, trust)
    assert old.verdict is new.verdict is Verdict.PASSED
    assert old.uuid == new.uuid
    assert (old.values["TEN_NAM_HOC"], new.values["TEN_NAM_HOC"]) == ("2025-2026", "2026-2027")
