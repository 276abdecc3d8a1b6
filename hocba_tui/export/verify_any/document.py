"""Any XML file, parsed strictly so that every reader sees the same, with paths for its elements."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from lxml import etree

from hocba_tui.export.record.schema import NotWellFormed
from hocba_tui.export.record.xades import XADES
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.verify_any.paths import Paths

ANY_MAX_BYTES = 10_000_000
"""The limit of one package for the portal (CV 2088 §2); invoices are far smaller."""
_UTF8 = {None, "UTF-8", "utf-8", "US-ASCII", "us-ascii", "ASCII", "ascii"}
_ID_NAME = "id"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""How a file in UTF-16 begins."""
_ENCODING = "tệp không viết bằng UTF-8, không xét ở đây"
_DTD = "tệp có DTD hoặc thực thể: mỗi chương trình đọc một khác, không xét ở đây"


class NotJudged(ValueError):
    """A file that may be in order, but that readers understand in different ways, or that is too large for this."""


class TooMuch(NotJudged):
    """A file whose signatures cover one another so often that verifying it would take too long."""


class Document:
    """A parsed file."""

    _MAX_COVERED_BYTES = 100_000_000

    def __init__(self, data: bytes) -> None:
        """Parse ``data``; raise NotWellFormed when it is no XML, or finer than lxml takes (too deep, too large).

        Raises NotJudged for files over ``ANY_MAX_BYTES``, other encodings than UTF-8, a DTD, entities. Comments and
        instructions are allowed where nothing is signed.
        """
        if len(data) > ANY_MAX_BYTES:
            raise NotJudged("tệp quá lớn, không xét ở đây")
        if data.startswith(_OTHER_MARKS):
            raise NotJudged(_ENCODING)
        if b"\x00" in data or _undecodable(data):
            raise NotWellFormed("không phải XML viết bằng UTF-8")
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise NotJudged(_DTD)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            self.root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise NotWellFormed("không phải XML đúng cú pháp") from error
        found = self.root.getroottree().docinfo
        if found.encoding not in _UTF8:
            raise NotJudged(_ENCODING)
        if found.internalDTD is not None or next(self.root.iter(etree.Entity), None) is not None:
            raise NotJudged(_DTD)
        self._covered_bytes = 0
        self.paths = Paths(self.root)

    def spend(self, count: int) -> None:
        """Count bytes that are examined; raise TooMuch when they are more than any honest file needs."""
        self._covered_bytes += count
        if self._covered_bytes > self._MAX_COVERED_BYTES:
            raise TooMuch("các phần được ký chồng lên nhau quá nhiều, không kiểm tra tệp này")

    @property
    def signatures(self) -> list[etree._Element]:
        """Return every Signature, in the order of the file."""
        return list(self.root.iter(f"{{{DSIG}}}Signature"))

    @cached_property
    def ids(self) -> dict[str, list[etree._Element]]:
        """Return the elements of each Id, by any spelling that some verifier accepts (Id, ID, id, xml:id)."""
        found: defaultdict[str, list[etree._Element]] = defaultdict(list)
        for element in self.root.iter(etree.Element):
            for name, value in element.attrib.items():
                if etree.QName(str(name)).localname.lower() == _ID_NAME:
                    found[str(value)].append(element)
        return dict(found)

    @property
    def has_instructions_beside_the_root(self) -> bool:
        """Return whether there are instructions before or after the root."""
        beside = (*self.root.itersiblings(preceding=True), *self.root.itersiblings())
        return any(node.tag is etree.ProcessingInstruction for node in beside)

    @property
    def has_comments(self) -> bool:
        """Return whether there are comments or instructions within the root."""
        return next(self.root.iter(etree.Comment, etree.ProcessingInstruction), None) is not None

    def manifests(self) -> list[etree._Element]:
        """Return every Manifest: a list of references that a signature over it does not check by itself."""
        return list(self.root.iter(f"{{{DSIG}}}Manifest"))

    @property
    def has_xades(self) -> bool:
        """Return whether a signature carries XAdES properties."""
        return next(self.root.iter(f"{{{XADES}}}QualifyingProperties"), None) is not None


def _undecodable(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False
