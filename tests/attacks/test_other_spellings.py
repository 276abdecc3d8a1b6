"""The same content, written otherwise: C14N makes one form of them all, so every signature still holds.

xmlsec1 is asked and accepts each of these files. The verifier refuses them: a record has one form, byte for byte.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.demo import second_opinion
from hocba_tui.export.trust.issuers import Trust
from tests.conftest import require_tool
from tests.support.refusal import assert_refused
from tests.support.table import table

Change = Callable[[bytes], bytes]


def put(old: bytes, new: bytes) -> Change:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change


def base64_with(space: bytes, tag: bytes) -> Change:
    """Put white space into the middle of a base64 text."""
    return lambda data: re.sub(rb"(<%b>[^<]{20})" % tag, rb"\g<1>" + space, data, count=1)


def last_letter(data: bytes) -> bytes:
    """A value of 256 bytes ends in one letter of which four bits are padding."""
    found = re.search(rb"(.)==</SignatureValue>", data)
    assert found is not None
    letter = {b"A": b"B", b"Q": b"R", b"g": b"h", b"w": b"x"}[found.group(1)]
    return data[: found.start()] + letter + data[found.start() + 1 :]


def declared_as(data: bytes, encoding: str) -> bytes:
    """Letters that the encoding lacks become their numbers."""
    return data.decode().replace("UTF-8", encoding, 1).encode(encoding, "xmlcharrefreplace")


HOLD: dict[str, Change] = {
    "comment in a name": put(b"<HO_VA_TEN>", b"<HO_VA_TEN><!-- x -->"),
    "comment around the root": put(b"<HOC_BA>", b"<!-- x --><HOC_BA>"),
    "comment at the end": lambda data: data + b"<!-- x -->",
    "CDATA": lambda data: re.sub(rb"<HO_VA_TEN>([^<]+)<", rb"<HO_VA_TEN><![CDATA[\1]]><", data),
    "a letter as its number": lambda data: re.sub(rb"<TEN_LOP>5", rb"<TEN_LOP>&#53;", data),
    "a letter as its hexadecimal number": lambda data: re.sub(rb"<TEN_LOP>5", rb"<TEN_LOP>&#x35;", data),
    "an end as its number": put(b"<MA_TRUONG>9", b"<MA_TRUONG>&#57;"),
    "space in a tag": put(b"<HO_VA_TEN>", b"<HO_VA_TEN >"),
    "space in an end tag": put(b"</HO_VA_TEN>", b"</HO_VA_TEN\n>"),
    "other quotes": lambda data: re.sub(rb'Id="(data-[^"]+)"', rb"Id='\1'", data),
    "space around an attribute": lambda data: re.sub(rb'Id="(data-)', rb'Id = "\1', data),
    "namespace declared twice": put(b"<SignedInfo>", b'<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#">'),
    "empty element": put(b"></DigestMethod>", b"/>"),
    "CR and LF": lambda data: data.replace(b"\n", b"\r\n"),
    "CR": lambda data: data.replace(b"\n", b"\r"),
    "space after the end": lambda data: data + b" \t\r\n",
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "no declaration": lambda data: data.partition(b"\n")[2],
    "declared as standalone": put(b'"UTF-8"?>', b'"UTF-8" standalone="yes"?>'),
    "small letters in the declaration": put(b'"UTF-8"', b'"utf-8"'),
    "version 1.1": put(b'"1.0"', b'"1.1"'),
    "in UTF-16": lambda data: data.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16"),
    "in cp1258": lambda data: declared_as(data, "windows-1258"),
    "in ASCII": lambda data: declared_as(data, "us-ascii"),
    "instruction in the list of signatures": put(b"<DANH_SACH_THONG_TIN_KY>", b"<DANH_SACH_THONG_TIN_KY><?x y?>"),
    "text in the list of signatures": put(b"<DANH_SACH_THONG_TIN_KY>", b"<DANH_SACH_THONG_TIN_KY>x"),
    "element in the list of signatures": put(b"<DANH_SACH_THONG_TIN_KY>", b"<DANH_SACH_THONG_TIN_KY><KHAC/>"),
    "attribute of the root": put(b"<HOC_BA>", b'<HOC_BA a="b">'),
    "attribute beside the signatures": put(b"<NGAY_KY>", b'<NGAY_KY a="b">'),
    "document type": put(b"<HOC_BA>", b"<!DOCTYPE HOC_BA><HOC_BA>"),
    "line break in a signature value": base64_with(b"\n", b"SignatureValue"),
    "line break in a certificate": base64_with(b"\n", b"X509Certificate"),
    "CR in a certificate": base64_with(b"&#13;\n", b"X509Certificate"),
    "space before a certificate": put(b"<X509Certificate>", b"<X509Certificate> "),
    "bits that nobody reads in a signature value": last_letter,
    "another subject name": lambda data: re.sub(rb"<X509SubjectName>[^<]+", b"<X509SubjectName>CN=gi", data),
    "no subject name": lambda data: re.sub(rb"<X509SubjectName>[^<]*</X509SubjectName>", b"", data),
    "another day of signing": lambda data: re.sub(rb"<NGAY_KY>20\d\d", b"<NGAY_KY>2019", data),
    "another personal id": lambda data: re.sub(rb"(<NGAY_KY>[^<]+</NGAY_KY><SO_CCCD>)\d", rb"\g<1>1", data),
    "decomposed letters in a subject name": lambda data: re.sub(
        rb"<X509SubjectName>[^<]+", lambda found: unicodedata.normalize("NFD", found.group().decode()).encode(), data
    ),
}
"""What it is called to what changes a record's file: the signatures hold afterwards."""


@pytest.mark.parametrize("name", HOLD)
def test_another_spelling_holds_elsewhere_and_is_refused_here(
    issued_files: list[bytes], issued_store: Path, school_trust: Trust, tmp_path: Path, name: str
) -> None:
    require_tool("xmlsec1", present=second_opinion.available())
    altered = HOLD[name](issued_files[0])
    assert altered != issued_files[0]
    file = tmp_path / "altered.xml"
    file.write_bytes(altered)
    assert second_opinion.accepts(file, issued_store / "trust" / "training" / "hocba-training-ca.pem")
    assert_refused(altered, school_trust)


BREAK: dict[str, Change] = {
    "decomposed letters in a name": lambda data: re.sub(
        rb"<HO_VA_TEN>[^<]+", lambda found: unicodedata.normalize("NFD", found.group().decode()).encode(), data
    ),
    "CR in a name": put(b"<HO_VA_TEN>", b"<HO_VA_TEN>&#13;"),
    "zero width": put(b"<HO_VA_TEN>", "<HO_VA_TEN>\u200b".encode()),
    "letters from right to left": put(b"<HO_VA_TEN>", "<HO_VA_TEN>\u202e".encode()),
    "instruction in a name": put(b"<HO_VA_TEN>", b"<HO_VA_TEN><?x y?>"),
    "space in a digest": lambda data: re.sub(rb"(<DigestValue>)", rb"\1 ", data, count=1),
    "line break in a digest": lambda data: re.sub(rb"(<DigestValue>[^<]{9})", rb"\1\n", data, count=1),
    "relative namespace of the root": put(b"<HOC_BA>", b'<HOC_BA xmlns="rel">'),
    "relative namespace of the region": put(b"<DU_LIEU_HOC_BA ", b'<DU_LIEU_HOC_BA xmlns="rel" '),
    "relative namespace in the region": put(b"<HO_VA_TEN>", b'<HO_VA_TEN xmlns="../rel">'),
    "relative namespace with a prefix": put(b"<HOC_BA>", b'<HOC_BA xmlns:a="rel">'),
    "relative namespace in a signature": put(b"<SignedInfo>", b'<SignedInfo xmlns:a="rel">'),
    "relative namespace of the properties": put(
        b'<SignatureProperties xmlns="">', b'<SignatureProperties xmlns="rel">'
    ),
    "properties in the namespace of the signature": put(b'<SignatureProperties xmlns="">', b"<SignatureProperties>"),
    "language": put(b"<HOC_BA>", b'<HOC_BA xml:lang="vi">'),
    "base": put(b"<HOC_BA>", b'<HOC_BA xml:base="http://127.0.0.1/">'),
    "space kept": put(b"<HOC_BA>", b'<HOC_BA xml:space="preserve">'),
    "id of XML": put(b"<HOC_BA>", b'<HOC_BA xml:id="a">'),
    "id of XML that is another's": lambda data: data.replace(
        b"<HOC_BA>", b"<HOC_BA xml:id=" + (re.findall(rb'Id=("data-[^"]+")', data))[0] + b">", 1
    ),
    "language of the signatures": put(b"<DANH_SACH_THONG_TIN_KY>", b'<DANH_SACH_THONG_TIN_KY xml:lang="vi">'),
    "base of a slot": put(b"<GVCN>", b'<GVCN xml:base="http://127.0.0.1/">'),
    "id of XML of a signature": lambda data: re.sub(rb"<Signature ", b'<Signature xml:id="a" ', data, count=1),
    "base of a signature": lambda data: re.sub(rb"<Signature ", b'<Signature xml:base="a" ', data, count=1),
}
"""As before, but what is signed changes, or might for another verifier."""


@table("name", BREAK)
def test_what_touches_the_signed_form_is_refused(issued_files: list[bytes], school_trust: Trust, name: str) -> None:
    altered = BREAK[name](issued_files[0])
    assert altered != issued_files[0]
    assert_refused(altered, school_trust)


@pytest.mark.parametrize("inside", [b"<!--x-->", b"<?x?>", b"<![CDATA[]]>", b"&#173;", b" "])
def test_nothing_may_be_added_to_any_text_of_the_record(
    issued_files: list[bytes], school_trust: Trust, inside: bytes
) -> None:
    """Readers that take a text up to the first comment show half a name; the signature holds over the whole."""
    data = issued_files[0]
    places = [found.end() for found in re.finditer(rb">[^<]", data)]
    assert len(places) > 100
    for place in places:
        assert_refused(data[:place] + inside + data[place:], school_trust)
