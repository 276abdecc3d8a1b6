"""XAdES properties beside the recipe of the state: readers of plain XMLDSig accept it, readers of XAdES too."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.verifier import SignatureConfiguration
from signxml.xades.xades import XAdESVerifier, XAdESVerifyResult

from hocba_tui.demo import second_opinion
from hocba_tui.errors import Refused
from hocba_tui.export.record.profile import DEFAULT, Profile, load_profile
from hocba_tui.export.record.xades import SIGNED_PROPERTIES, XADES
from hocba_tui.export.record.xmldsig_check import _StateVerifier
from hocba_tui.export.trust.algorithms import C14N, DSIG
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.model.values import Slot
from tests.conftest import DeskAs, require_tool

NESTED = load_profile("hbs-1.0-nested")


class _Reader(_StateVerifier, XAdESVerifier):
    """signxml's verifier of XAdES, with inclusive C14N done right."""


@pytest.fixture(scope="module")
def trust(xades_store: Path) -> Trust:
    return Trust.from_folders([xades_store / "trust"])


@pytest.fixture(scope="module")
def path(xades_store: Path) -> Path:
    return min((xades_store / "issued").glob("*.xml"))


def test_our_own_verifier_and_xmlsec1_accept_it(xades_store: Path, path: Path, trust: Trust) -> None:
    assert verify(path.read_bytes(), trust).verdict is Verdict.PASSED
    require_tool("xmlsec1", present=second_opinion.available())
    authority = next((xades_store / "trust" / "training").glob("*.pem"))
    assert second_opinion.accepts(path, authority, NESTED.name)


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize(("store", "form"), [("xades_store", NESTED), ("stamped_store", load_profile(DEFAULT))])
def test_a_reader_of_xades_finds_the_properties_and_the_right_certificate(
    request: pytest.FixtureRequest, store: str, form: Profile, slot: Slot
) -> None:
    issued: Path = request.getfixturevalue(store) / "issued"
    data = min(issued.glob("*.xml")).read_bytes()
    text = etree.fromstring(data).findtext(f"{form.path(slot)}//{{{DSIG}}}X509Certificate")
    assert text is not None
    found = _Reader().verify(
        data,
        x509_cert=x509.load_der_x509_certificate(base64.b64decode(text)),
        id_attribute="Id",
        expect_config=SignatureConfiguration(
            location=f"{form.path(slot)}/",
            expect_references=3,
            default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
        ),
    )
    assert isinstance(found[2], XAdESVerifyResult)


def test_the_properties_say_what_the_signature_says(path: Path) -> None:
    root = etree.fromstring(path.read_bytes())
    for signature in root.iter(f"{{{DSIG}}}Signature"):
        properties = signature.find(f".//{{{XADES}}}SignedProperties")
        assert properties is not None
        assert properties.findtext(f".//{{{XADES}}}SigningTime") == signature.findtext(".//SigningTime")
        references = list(signature.iter(f"{{{DSIG}}}Reference"))
        spoken_of = [f.get("ObjectReference") for f in properties.iter(f"{{{XADES}}}DataObjectFormat")]
        assert spoken_of == [f"#{reference.get('Id')}" for reference in references[:2]]
        assert (references[2].get("Type"), references[2].get("URI")) == (SIGNED_PROPERTIES, f"#{properties.get('Id')}")
    ids = [element.get("Id") for element in root.iter() if element.get("Id")]
    assert len(ids) == len(set(ids))


def test_a_school_chooses_it_by_a_word(desk_as: DeskAs) -> None:
    assert change_settings(desk_as("admin"), {"xades": "Có"}).xades
    assert not change_settings(desk_as("admin"), {"xades": "không"}).xades
    with pytest.raises(Refused, match="phải là có hoặc không"):
        change_settings(desk_as("admin"), {"xades": "1"})


@pytest.mark.parametrize("inside", ["", "<UnsignedSignatureProperties></UnsignedSignatureProperties>", "STAMP"])
def test_nothing_unsigned_may_stand_among_the_properties(path: Path, trust: Trust, inside: str) -> None:
    """No signature covers it: anybody who passes the file on could write anything there."""
    method = f'<CanonicalizationMethod xmlns="{DSIG}" Algorithm="{C14N}"></CanonicalizationMethod>'
    stamp = (
        f"<UnsignedSignatureProperties><SignatureTimeStamp>{method}<EncapsulatedTimeStamp>Z2nhuqM=</EncapsulatedTimeStamp>"
        "</SignatureTimeStamp></UnsignedSignatureProperties>"
    ).replace("Z2nhuqM=", base64.b64encode("giả".encode()).decode())
    added = f"<UnsignedProperties>{stamp if inside == 'STAMP' else inside}</UnsignedProperties></QualifyingProperties>"
    # The last signature is the seal's, which nothing covers.
    before, _, after = path.read_text(encoding="utf-8").rpartition("</QualifyingProperties>")
    found = verify(f"{before}{added}{after}".encode(), trust)
    assert found.verdict is Verdict.FAILED
    assert found.values == {}
