"""The vendors' placement: the teacher's signature stands inside what the principal and the seal cover."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from hocba_tui.demo import second_opinion
from hocba_tui.errors import Refused
from hocba_tui.export.record.assembly import record_file
from hocba_tui.export.record.profile import Covers, load_profile, profile_names, recognise
from hocba_tui.export.record.schema import canonical
from hocba_tui.export.record.signature import XML_HEAD
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.signatures import signatures_of
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.model.record import Signed
from hocba_tui.model.values import RecordState, Slot
from tests.conftest import DeskAs, require_tool

NESTED = load_profile("hbs-1.0-nested")
PLACES = {
    Slot.HOMEROOM: "./DU_LIEU_HOC_BA/DANH_SACH_THONG_TIN_KY/GVCN",
    Slot.PRINCIPAL: "./PHAT_HANH_HOC_BA/CBQL",
    Slot.SEAL: "./PHAT_HANH_HOC_BA/KY_PHAT_HANH",
}


@pytest.fixture(scope="module")
def trust(nested_store: Path) -> Trust:
    return Trust.from_folders([nested_store / "trust"])


@pytest.fixture(scope="module")
def path(nested_store: Path) -> Path:
    return min((nested_store / "issued").glob("*.xml"))


class Parts:
    """One record of the school, in the parts of which its file is made."""

    def __init__(self, root: Path) -> None:
        desk = open_desk(root, "vanthu")
        shard = desk.class_shard("5A")
        record = next(r for r in desk.records("5A").values() if r.state is RecordState.ISSUED)
        self.uuid, self.region, self.made = record.uuid, shard.kept(record.frozen), signatures_of(shard, record)

    def file(self, *made: Signed) -> bytes:
        return record_file(NESTED, self.uuid, self.region, made)


@pytest.fixture(scope="module")
def parts(nested_store: Path) -> Parts:
    return Parts(nested_store)


def test_every_signature_stands_and_references_as_the_vendors_place_it(path: Path) -> None:
    root = etree.fromstring(path.read_bytes())
    enclosure = root[0]
    inner, outer = enclosure[0].get("Id"), enclosure.get("Id")
    assert (enclosure.tag, enclosure[0].tag) == ("DU_LIEU_HOC_BA", "THONG_TIN_HOC_BA")
    for slot, place in PLACES.items():
        signature = root.find(f"{place}/{{{DSIG}}}Signature")
        assert signature is not None, slot
        covered = signature.findall(f".//{{{DSIG}}}Reference")[0].get("URI")
        assert covered == f"#{inner if slot is Slot.HOMEROOM else outer}"


def test_a_whole_school_in_it_passes_and_the_verdict_names_it(nested_store: Path, trust: Trust) -> None:
    files = list((nested_store / "issued").glob("*.xml"))
    assert files
    for file in files:
        found = verify(file.read_bytes(), trust)
        assert (found.verdict, found.profile) == (Verdict.PASSED, NESTED.name), found
        assert found.values["HO_VA_TEN"]


def test_held_to_the_other_format_it_fails(path: Path, issued_store: Path, trust: Trust) -> None:
    assert verify(path.read_bytes(), trust, "hbs-1.0").verdict is Verdict.FAILED
    plain = min((issued_store / "issued").glob("*.xml")).read_bytes()
    assert verify(plain, Trust.from_folders([issued_store / "trust"]), NESTED.name).verdict is Verdict.FAILED


def test_xmlsec1_accepts_every_signature_where_it_stands(nested_store: Path, path: Path, tmp_path: Path) -> None:
    require_tool("xmlsec1", present=second_opinion.available())
    authority = next((nested_store / "trust" / "training").glob("*.pem"))
    assert second_opinion.accepts(path, authority, NESTED.name)
    altered = tmp_path / "altered.xml"
    data = path.read_bytes()
    # Inside the teacher's own signature, which only the later ones cover.
    altered.write_bytes(data.replace(b"<GVCN><NGAY_KY>20", b"<GVCN><NGAY_KY>19", 1))
    assert not second_opinion.accepts(altered, authority, NESTED.name)


def test_a_later_signature_leaves_the_bytes_of_the_earlier_ones_alone(parts: Parts) -> None:
    first, second, third = parts.made
    steps = [parts.file(first), parts.file(first, second), parts.file(first, second, third)]
    inner = canonical(etree.fromstring(steps[0])[0])
    assert all(inner in data for data in steps)
    element = canonical(etree.fromstring(steps[1])[1][0])
    assert element in steps[2]


def test_without_the_teachers_signature_the_principals_no_longer_holds(parts: Parts, trust: Trust) -> None:
    _, second, third = parts.made
    found = verify(parts.file(second, third), trust, complete=False)
    assert found.verdict is Verdict.FAILED
    assert Slot.PRINCIPAL.label in found.reason


def test_the_teachers_signature_outside_the_enclosure_is_refused(path: Path, trust: Trust) -> None:
    root = etree.fromstring(path.read_bytes())
    slot, outside = root.find(PLACES[Slot.HOMEROOM]), root.find("./PHAT_HANH_HOC_BA")
    assert slot is not None
    assert outside is not None
    outside.insert(0, slot)
    assert verify(XML_HEAD + etree.tostring(root) + b"\n", trust).verdict is Verdict.FAILED


def test_a_format_is_recognised_by_what_stands_below_its_root() -> None:
    for name in profile_names():
        assert recognise("HOC_BA", load_profile(name).outline()).name == name
    assert recognise("HOC_BA", ("KHAC",)).name == "hbs-1.0"
    outlines = [load_profile(name).outline() for name in profile_names()]
    assert len(set(outlines)) == len(outlines)


@pytest.mark.parametrize("name", profile_names())
def test_no_format_lets_an_inner_signature_come_after_an_outer_one(name: str) -> None:
    """What an outer signature covers may not change after it was made."""
    profile = load_profile(name)
    assert [place.slot for place in profile.slots] == list(Slot)
    covers = [place.covers for place in profile.slots]
    assert covers == sorted(covers, key=[Covers.REGION, Covers.ENCLOSURE].index)


def test_a_school_chooses_among_the_formats_that_are_there(desk_as: DeskAs) -> None:
    with pytest.raises(Refused, match="Không có định dạng"):
        change_settings(desk_as("admin"), {"profile": "../hbs-1.0"})
    assert change_settings(desk_as("admin"), {"profile": NESTED.name}).profile == NESTED.name
