"""Files made to harm a parser: each builder takes a record's file and returns the hostile one."""

from __future__ import annotations

import re
from collections.abc import Callable

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
LIMIT = 2_000_000
"""Bytes that the verifier reads; written here again, so that a change of the program's own limit is noticed."""
MILLION = 1_000_000
Builder = Callable[[bytes], bytes]


def _many(piece: bytes, data: bytes) -> bytes:
    return piece * ((LIMIT - len(data) - 200) // len(piece))


def _inside(tag: bytes, piece: bytes) -> Builder:
    """Fill an element of a record with as many pieces as the limit leaves room for."""

    def build(data: bytes) -> bytes:
        end = b"</%b>" % tag
        assert end in data
        return data.replace(end, _many(piece, data) + end, 1)

    return build


def _names(count: int) -> bytes:
    return b"".join(b' a%x=""' % number for number in range(count))


def _row(data: bytes) -> bytes:
    found = re.search(rb"<MON_HOC>.*?</MON_HOC>", data)
    assert found is not None
    return data.replace(b"</BANG_DIEM>", _many(found.group(), data) + b"</BANG_DIEM>", 1)


def _references(data: bytes) -> bytes:
    found = re.search(rb"<Reference .*?</Reference>", data)
    assert found is not None
    return data.replace(b"</SignedInfo>", _many(found.group(), data) + b"</SignedInfo>", 1)


LARGE: dict[str, Builder] = {
    "a million nested": lambda _: b"<a>" * MILLION + b"</a>" * MILLION,
    "a million nested and never closed": lambda _: b"<a>" * MILLION,
    "nested up to the limit": lambda _: b"<a>" * 280_000 + b"</a>" * 280_000,
    "nested in the region": lambda data: data.replace(b"<TONG_KET>", b"<TONG_KET>" * 100_000, 1),
    "a million siblings": lambda _: HEAD + b"<HOC_BA>" + b"<a/>" * MILLION + b"</HOC_BA>",
    "siblings up to the limit": _inside(b"HOC_BA", b"<a/>"),
    "siblings with namespaces": _inside(b"HOC_BA", b'<a xmlns="b"/>'),
    "siblings under many namespaces": lambda data: HEAD + b'<a xmlns="b">' * 250 + _many(b"<b/>", data) + b"</a>" * 250,
    "a million attributes": lambda _: HEAD + b"<HOC_BA" + _names(MILLION) + b"/>",
    "attributes up to the limit": lambda data: data.replace(
        b"<DU_LIEU_HOC_BA", b"<DU_LIEU_HOC_BA" + _names(190_000), 1
    ),
    "one attribute": lambda data: data.replace(b"<HOC_BA", b'<HOC_BA a="' + _many(b"a", data) + b'"', 1),
    "one text": _inside(b"HO_VA_TEN", b"A"),
    "one name": lambda data: HEAD + b"<" + _many(b"a", data) + b"/>",
    "letters as numbers": _inside(b"HO_VA_TEN", b"&#65;"),
    "faulty rows": _inside(b"BANG_DIEM", b"<MON_HOC/>"),
    "rows with two faults": _inside(b"BANG_DIEM", b'<MON_HOC a=""/>'),
    "good rows": _row,
    "slots": _inside(b"DANH_SACH_THONG_TIN_KY", b"<GVCN/>"),
    "signatures": _inside(b"DANH_SACH_THONG_TIN_KY", b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'),
    "references": _references,
    "certificates": _inside(b"X509Data", b"<X509Certificate>AA</X509Certificate>"),
    "one certificate": _inside(b"X509Certificate", b"AAAA"),
    "one signature value": _inside(b"SignatureValue", b"AAAA"),
    "zeros": lambda _: bytes(LIMIT),
}
"""Name to builder: as large as a file may be, or far larger."""


def bomb(encoding: str) -> bytes:
    """Return a kilobyte that expands to ten to the ninth letters, in the text and in an attribute."""
    names = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    inside = f'<!ENTITY a0 "bom"> {"".join(names)}'
    return _document(encoding, f'<!DOCTYPE HOC_BA [{inside}]><HOC_BA a="&a9;">&a9;</HOC_BA>')


def blow_up(encoding: str) -> bytes:
    """Return one entity of 100,000 letters, used a hundred thousand times, without any nesting."""
    doctype = f'<!DOCTYPE HOC_BA [<!ENTITY a "{"a" * 100_000}">]>'
    return _document(encoding, f"{doctype}<HOC_BA>{'&a;' * 100_000}</HOC_BA>")


def endless(encoding: str) -> bytes:
    """Return entities that refer to each other."""
    doctype = '<!DOCTYPE HOC_BA [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'
    return _document(encoding, f"{doctype}<HOC_BA>&a;</HOC_BA>")


def outside(encoding: str, address: str) -> tuple[bytes, ...]:
    """Return files that ask for ``address``: as an entity, by parameter, as a DTD, by XInclude."""
    doctypes = (
        f'<!DOCTYPE HOC_BA [<!ENTITY a SYSTEM "{address}">]><HOC_BA>&a;</HOC_BA>',
        f'<!DOCTYPE HOC_BA [<!ENTITY % a SYSTEM "{address}">%a;]><HOC_BA/>',
        f'<!DOCTYPE HOC_BA SYSTEM "{address}"><HOC_BA/>',
        f'<!DOCTYPE HOC_BA PUBLIC "-//x//y" "{address}" [<!ATTLIST HOC_BA a CDATA "b">]><HOC_BA/>',
        f'<HOC_BA xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{address}" parse="text"/></HOC_BA>',
        f'<?xml-stylesheet type="text/xsl" href="{address}"?><HOC_BA/>',
        f'<HOC_BA xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:a {address}"/>',
        f'<HOC_BA xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:noNamespaceSchemaLocation="{address}"/>',
    )
    return tuple(_document(encoding, text) for text in doctypes)


def _document(encoding: str, text: str) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
