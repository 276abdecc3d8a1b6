"""Strict parsing of XML that may be hostile, and validation against the profile's XSD."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from lxml import etree

from hocba_tui.export.record.profile import Profile

MAX_BYTES = 2_000_000
"""A record is 15 to 25 kB; anything near this size is not one."""
MAX_ELEMENTS = 5_000
"""A record has about 200. The time for the XSD's errors grows with the square of their number: 2 MB of faulty rows
took minutes."""


class NotWellFormed(ValueError):
    """The bytes are not an XML document that is accepted here; the message is for a person."""


def parse(data: bytes, limit: int = MAX_BYTES, elements: int = MAX_ELEMENTS) -> etree._Element:
    """Return the root element.

    Raises NotWellFormed for files over ``limit`` bytes or with more than so many ``elements``, a DTD, entities,
    processing instructions, comments, namespace prefixes and xml: attributes (C14N would carry them into what is
    signed), and anything that lxml finds too deep or too large.
    """
    if len(data) > limit:
        raise NotWellFormed("tệp quá lớn")
    if b"<!" in data:
        raise NotWellFormed("tệp có DTD, chú thích hoặc CDATA")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotWellFormed("không phải XML đúng cú pháp") from error
    for number, node in enumerate(root.iter(), start=1):
        if number > elements:
            raise NotWellFormed("tệp có quá nhiều phần tử")
        if not isinstance(node.tag, str):
            raise NotWellFormed("tệp có chú thích, thực thể hoặc chỉ thị xử lí")
        prefixes, names = node.nsmap, node.keys()
        # Most elements have neither; to ask whether any of nothing is odd took half the time.
        if (prefixes and any(prefix is not None for prefix in prefixes)) or (
            names and any("}" in str(n) for n in names)
        ):
            raise NotWellFormed("tệp có không gian tên hoặc thuộc tính lạ")
    return root


def canonical(element: etree._Element) -> bytes:
    """Return inclusive C14N 1.0 of an element.

    lxml canonicalises a sub-element that inherits a default namespace wrongly, so it is serialised
    and parsed by itself first; correct as long as no ancestor carries xml: attributes.
    """
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    return etree.tostring(alone, method="c14n", exclusive=False, with_comments=False)


@cache
def _schema(xsd: bytes) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(xsd))


def schema_problems(profile: Profile, element: etree._Element) -> tuple[str, ...]:
    """Return the XSD's errors in ``element`` (a whole record or a data region), empty when it is valid."""
    schema = _schema(profile.xsd)
    if schema.validate(element):
        return ()
    # lxml-stubs does not know that the log can be iterated.
    log: Iterable[etree._LogEntry] = schema.error_log  # type: ignore[assignment]
    return tuple(dict.fromkeys(f"{_last_tag(error.path)}: {_reason(error.type_name)}" for error in log))


def _reason(kind: str) -> str:
    """Return what an error of libxml2 means; the kinds that a profile's XSD can cause."""
    if "LENGTH" in kind:
        return "để trống hoặc dài quá"
    if "PATTERN" in kind or "ENUMERATION" in kind or "DATATYPE" in kind:
        return "giá trị không đúng dạng"
    if "ATTRIBUTE" in kind or "COMPLEX_TYPE_3" in kind or "COMPLEX_TYPE_4" in kind:
        return "thừa hoặc thiếu thuộc tính"
    return "phần tử thiếu, thừa hoặc sai thứ tự"


def _last_tag(path: str | None) -> str:
    return (path or "").rpartition("/")[2] or "tệp"
