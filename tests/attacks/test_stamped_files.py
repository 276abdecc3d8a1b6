"""Files with time-stamps, which only their authority signed: nothing in or around a stamp may differ either.

The attacks on each form of signing (test_altered_files, test_wrapping, test_mutations) have them as well.
HOCBA_STRIDE says which bytes are changed: every 37th, or with 1 each one.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

import pytest

from hocba_tui.demo import second_opinion
from hocba_tui.export.record.profile import DEFAULT
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.model.values import Slot
from tests.conftest import require_tool
from tests.support.refusal import assert_refused
from tests.support.verifiers import java

STRIDE = int(os.environ.get("HOCBA_STRIDE", "37"))
TOKEN = re.compile(rb"<EncapsulatedTimeStamp>([^<]+)<")


@pytest.fixture(scope="module")
def files(stamped_store: Path) -> list[Path]:
    return sorted((stamped_store / "issued").glob("*.xml"))


@pytest.fixture(scope="module")
def trust(stamped_store: Path) -> Trust:
    return Trust.from_folders([stamped_store / "trust"])


def test_every_issued_file_has_three_stamps_and_is_accepted_by_all_three_verifiers(
    stamped_store: Path, files: list[Path], trust: Trust
) -> None:
    require_tool("xmlsec1", present=second_opinion.available())
    require_tool("a JDK", present=java.available())
    assert len(files) == 16
    for file in files:
        found = verify(file.read_bytes(), trust)
        assert (found.verdict, found.reason) == (Verdict.PASSED, "")
        assert len([slot for slot in found.slots if slot.stamp_time]) == len(Slot)
    said = java.opinions(files)
    assert all(java.accepts(said[file]) for file in files), said
    authority = next((stamped_store / "trust" / "training").glob("*.pem"))
    assert all(second_opinion.accepts(file, authority, DEFAULT) for file in files[:3])


@pytest.mark.parametrize("slot", range(3))
def test_no_changed_byte_of_a_token_passes(files: list[Path], trust: Trust, slot: int) -> None:
    """The token is encoded in base64 again, so that nothing else differs."""
    data = files[0].read_bytes()
    found = list(TOKEN.finditer(data))[slot]
    token = base64.b64decode(found.group(1))
    for position in range(slot, len(token), STRIDE):
        altered = token[:position] + bytes([token[position] ^ 1]) + token[position + 1 :]
        written = data[: found.start(1)] + base64.b64encode(altered) + data[found.end(1) :]
        assert_refused(written, trust, f"byte {position}")


def test_stamps_of_other_signatures_are_refused(files: list[Path], trust: Trust) -> None:
    data, other = files[0].read_bytes(), files[1].read_bytes()
    own, foreign = TOKEN.findall(data), TOKEN.findall(other)
    for number, token in enumerate(own):
        for another in (*own[:number], *own[number + 1 :], *foreign):
            assert_refused(data.replace(token, another), trust)


def test_a_stamp_without_properties_and_two_stamps_are_refused(files: list[Path], trust: Trust) -> None:
    text = files[0].read_text(encoding="utf-8")
    stamp = re.findall("<SignatureTimeStamp>.*?</SignatureTimeStamp>", text)[2]
    method = re.findall("<CanonicalizationMethod xmlns=.*?</CanonicalizationMethod>", stamp)[0]
    token = re.findall("<EncapsulatedTimeStamp>.*?</EncapsulatedTimeStamp>", stamp)[0]
    for odd in (
        stamp + stamp,
        "",
        stamp.replace(method, ""),
        stamp.replace(token, token + token),
        stamp.replace(token, ""),
        stamp.replace(token, token + "<XMLTimeStamp></XMLTimeStamp>"),
        stamp.replace("<SignatureTimeStamp>", '<SignatureTimeStamp Id="x">'),
        stamp.replace("<SignatureTimeStamp>", '<SignatureTimeStamp><Include URI="#x"></Include>'),
        stamp.replace("SignatureTimeStamp", "ArchiveTimeStamp"),
    ):
        assert_refused(text.replace(stamp, odd).encode(), trust, odd[:60])


def test_without_its_stamps_a_file_says_that_it_has_none(files: list[Path], trust: Trust) -> None:
    """Nobody else signed them, so anybody who passes the file on may remove them; the rest is unchanged."""
    text = re.sub("<UnsignedProperties>.*?</UnsignedProperties>", "", files[0].read_text(encoding="utf-8"))
    found = verify(text.encode(), trust)
    assert found.verdict is Verdict.PASSED
    assert {slot.stamp_time for slot in found.slots} == {""}


def test_where_the_authority_is_not_pinned_its_stamps_prove_nothing(files: list[Path], trust: Trust) -> None:
    found = verify(files[0].read_bytes(), Trust(trust.anchors, trust.seals, trust.answers))
    assert found.verdict is Verdict.INDETERMINATE
    assert {slot.stamp_time for slot in found.slots} == {""}
    assert "CA thử của nhà nước" in found.reason
