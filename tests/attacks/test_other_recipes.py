"""Signatures that hold, by another recipe: transforms, other canonical forms, more than a certificate in KeyInfo.

With a transform the signer decides what of the record the signature covers; the reader sees all of it.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hocba_tui.export.trust.algorithms import C14N, DSIG
from hocba_tui.model.values import Slot
from tests.support.forging import Forgers, Recipe, pkcs1, region_of, resigned, slot_of
from tests.support.refusal import assert_holds_for_xmlsec1, assert_refused
from tests.support.table import table

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
FILTER = "http://www.w3.org/2002/06/xmldsig-filter2"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
RECORD, TIME = 0, 1


def transform(algorithm: str, inside: str = "") -> str:
    return f'<Transform Algorithm="{algorithm}">{inside}</Transform>'


def without_results(data: bytes) -> bytes:
    """Return the region without its results."""
    return re.sub(rb"<TONG_KET>.*</TONG_KET>", b"", region_of(data))


STYLESHEET = (
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:output '
    'omit-xml-declaration="yes"></xsl:output><xsl:template match="/"><a></a></xsl:template></xsl:stylesheet>'
)


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize(
    ("reference", "inside"),
    [
        (RECORD, transform(C14N)),
        (RECORD, transform(EXCLUSIVE)),
        (RECORD, transform("http://www.w3.org/2006/12/xml-c14n11")),
        (RECORD, transform(f"{C14N}#WithComments")),
        (RECORD, transform(f"{DSIG}enveloped-signature")),
        (TIME, transform(EXCLUSIVE)),
        (TIME, transform(C14N)),
    ],
)
def test_transforms_that_change_nothing(
    forgers: Forgers, tmp_path: Path, slot: Slot, reference: int, inside: str
) -> None:
    data = forgers.sign(slot, Recipe(transforms={reference: inside}))
    if "enveloped" not in inside:
        # xmlsec1 wants the signature inside what the reference covers.
        assert_holds_for_xmlsec1(data, slot, tmp_path)
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize(
    "inside",
    [
        transform(XPATH, "<XPath>not(ancestor-or-self::TONG_KET)</XPath>"),
        transform(FILTER, f'<XPath xmlns="{FILTER}" Filter="subtract">//TONG_KET</XPath>'),
    ],
    ids=["xpath", "filter"],
)
def test_a_signature_that_leaves_the_results_out(forgers: Forgers, tmp_path: Path, slot: Slot, inside: str) -> None:
    covered = without_results(forgers.file)
    assert covered != region_of(forgers.file)
    data = forgers.sign(slot, Recipe(transforms={RECORD: inside}, covered={RECORD: covered}))
    assert_holds_for_xmlsec1(data, slot, tmp_path)
    raised = data.replace(b"<MUC_DAT_DUOC>H<", b"<MUC_DAT_DUOC>T<")
    assert raised != data
    assert_holds_for_xmlsec1(raised, slot, tmp_path)
    assert_refused(data, forgers.trust(data))
    assert_refused(raised, forgers.trust(raised))


@pytest.mark.parametrize("slot", list(Slot))
def test_a_signature_over_what_a_stylesheet_makes_of_the_record(forgers: Forgers, tmp_path: Path, slot: Slot) -> None:
    recipe = Recipe(transforms={RECORD: transform(XSLT, STYLESHEET)}, covered={RECORD: b"<a/>\n"})
    data = forgers.sign(slot, recipe)
    assert_holds_for_xmlsec1(data, slot, tmp_path)
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize("slot", list(Slot))
def test_a_signature_over_the_letters_of_the_record_read_as_base64(forgers: Forgers, slot: Slot) -> None:
    letters = re.sub(rb"<[^>]*>|[^A-Za-z0-9+/]", b"", region_of(forgers.file))
    covered = base64.b64decode(letters[: len(letters) // 4 * 4])
    recipe = Recipe(transforms={RECORD: transform(f"{DSIG}base64")}, covered={RECORD: covered})
    data = forgers.sign(slot, recipe)
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize(
    "algorithm", [EXCLUSIVE, f"{EXCLUSIVE}WithComments", f"{C14N}#WithComments", "http://www.w3.org/2006/12/xml-c14n11"]
)
def test_what_is_signed_in_another_canonical_form(forgers: Forgers, tmp_path: Path, slot: Slot, algorithm: str) -> None:
    data = forgers.sign(slot, Recipe(canonicalisation=algorithm))
    assert_holds_for_xmlsec1(data, slot, tmp_path)
    assert_refused(data, forgers.trust(data))


def _key_value(key: rsa.RSAPublicKey) -> bytes:
    numbers = key.public_numbers()
    modulus, exponent = (base64.b64encode(n.to_bytes((n.bit_length() + 7) // 8, "big")) for n in (numbers.n, numbers.e))
    return (
        b"<KeyValue><RSAKeyValue><Modulus>%b</Modulus><Exponent>%b</Exponent></RSAKeyValue></KeyValue>"
        % (modulus, exponent)
    )  # fmt: skip


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize("place", ["before", "behind", "instead"])
def test_a_bare_key_in_key_info(forgers: Forgers, slot: Slot, place: str) -> None:
    """Signed by that key: who takes the first key that fits believes a stranger."""
    stranger = rsa.generate_private_key(65537, 2048)
    data = resigned(forgers.file, slot, forgers.good(slot)[1], pkcs1(stranger))
    assert_refused(data, forgers.trust(data))
    old = slot_of(data, slot)
    key = _key_value(stranger.public_key())
    new = {
        "before": old.replace(b"<KeyInfo>", b"<KeyInfo>" + key),
        "behind": old.replace(b"</KeyInfo>", key + b"</KeyInfo>"),
        "instead": re.sub(rb"<X509Data>.*</X509Data>", lambda _: key, old),
    }[place]
    assert_refused(data.replace(old, new), forgers.trust(forgers.file))


@table("slot", list(Slot))
@table(
    ("old", "new"),
    [
        (rb"(<X509Certificate>[^<]*</X509Certificate>)", rb"\1\1"),
        (rb"(<X509Data>.*</X509Data>)", rb"\1\1"),
        (rb"(<X509Data>.*</X509Data>)", rb"<KeyName>gv.5a</KeyName>\1"),
        (rb"(<X509Data>.*</X509Data>)", rb'<RetrievalMethod URI="#key"/>\1'),
        (rb"(<X509Data>.*</X509Data>)", rb'<RetrievalMethod URI="http://127.0.0.1:9/"/>'),
        (rb"(<X509Data>.*</X509Data>)", b'<RetrievalMethod URI="file:///etc/passwd"/>'),
        (rb"(<X509SubjectName>)", rb"<X509SKI>AA==</X509SKI>\1"),
        (rb"(<X509SubjectName>)", rb"<X509CRL>AA==</X509CRL>\1"),
        (rb"<KeyInfo>.*</KeyInfo>", b""),
        (rb"(<KeyInfo>.*</KeyInfo>)", rb"\1\1"),
        (rb"<KeyInfo>", b'<KeyInfo Id="a">'),
    ],
)  # fmt: skip
def test_other_things_in_key_info(forgers: Forgers, slot: Slot, old: bytes, new: bytes) -> None:
    before = slot_of(forgers.file, slot)
    after = re.sub(old, new, before)
    assert after != before
    assert_refused(forgers.file.replace(before, after), forgers.trust(forgers.file))


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize("first", [True, False])
def test_a_second_certificate_of_somebody_else(forgers: Forgers, slot: Slot, *, first: bool) -> None:
    """Signed by the owner of the other certificate, whom the same authority has certified."""
    other = Slot.HOMEROOM if slot is not Slot.HOMEROOM else Slot.SEAL
    key, theirs = forgers.good(other)
    data = resigned(forgers.file, slot, forgers.good(slot)[1], pkcs1(key))
    old = slot_of(data, slot)
    added = b"<X509Certificate>" + base64.b64encode(theirs) + b"</X509Certificate>"
    new = re.sub(
        rb"<X509Certificate>.*</X509Certificate>",
        lambda found: added + found.group() if first else found.group() + added,
        old,
    )
    assert_refused(data.replace(old, new), forgers.trust(forgers.file))


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize("form", ["#xpointer(id('{}'))", "#xpointer(//*[@Id='{}'])"])
def test_the_record_named_by_an_expression(forgers: Forgers, tmp_path: Path, slot: Slot, form: str) -> None:
    def edit(info: bytes) -> bytes:
        return re.sub(rb'URI="#(data-[^"]+)"', lambda found: f'URI="{form.format(found[1].decode())}"'.encode(), info)

    data = forgers.sign(slot, Recipe(edit=edit))
    assert b"#xpointer(" in data
    assert_holds_for_xmlsec1(data, slot, tmp_path)
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize("slot", list(Slot))
def test_a_signature_over_the_whole_file(forgers: Forgers, tmp_path: Path, slot: Slot) -> None:
    """As most tools sign: enveloped, without a place of its own."""
    signature = re.search(rb"<Signature .*?</Signature>", slot_of(forgers.file, slot))
    assert signature is not None
    rest = forgers.file.partition(b"\n")[2].replace(signature.group(), b"").rstrip(b"\n")
    recipe = Recipe(
        transforms={RECORD: transform(f"{DSIG}enveloped-signature")},
        covered={RECORD: rest},
        edit=lambda info: re.sub(rb'URI="#data-[^"]+"', b'URI=""', info),
    )
    data = forgers.sign(slot, recipe)
    assert_holds_for_xmlsec1(data, slot, tmp_path)
    assert_refused(data, forgers.trust(data))


def _references(info: bytes) -> tuple[bytes, bytes]:
    one, two = re.findall(rb"<Reference .*?</Reference>", info)
    return one, two


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize("kept", [(0,), (1,), (1, 0), (0, 1, 0), (0, 1, 1), (0, 0), (1, 1)])
def test_other_numbers_and_orders_of_references(
    forgers: Forgers, tmp_path: Path, slot: Slot, kept: tuple[int, ...]
) -> None:
    def edit(info: bytes) -> bytes:
        both = _references(info)
        return info.replace(b"".join(both), b"".join(both[number] for number in kept))

    data = forgers.sign(slot, Recipe(edit=edit))
    assert_holds_for_xmlsec1(data, slot, tmp_path)
    assert_refused(data, forgers.trust(data))


@table("slot", list(Slot))
@table("uri", ["http://127.0.0.1:9/", "file:///etc/passwd", "/etc/passwd", "#nothing", "#"])
def test_references_to_what_lies_elsewhere(forgers: Forgers, slot: Slot, uri: str) -> None:
    recipe = Recipe(edit=lambda info: re.sub(rb'URI="#data-[^"]+"', f'URI="{uri}"'.encode(), info))
    data = forgers.sign(slot, recipe)
    assert_refused(data, forgers.trust(data))
