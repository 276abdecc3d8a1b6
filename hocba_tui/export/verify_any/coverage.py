"""Which parts of a file are signed and which are not, and what the signed elements say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from lxml import etree

from hocba_tui.export.record.xades import XADES
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.verify_any.document import Document
from hocba_tui.export.verify_any.paths import Paths, is_element, local, namespace
from hocba_tui.export.verify_any.references import Covered, tag

MAX_LISTED = 300
"""Paths and values that are listed; nobody can read those of a million elements."""
_OF_SIGNATURES = (DSIG, XADES)
_PARTS_OF_A_SIGNATURE = (tag("SignedInfo"), tag("SignatureValue"), tag("KeyInfo"))
_Active = frozenset[Covered]


class Coverage:
    """What the signatures that hold cover together."""

    def __init__(self, document: Document, covered: Iterable[Covered]) -> None:
        self._document = document
        self._covered = tuple(covered)
        self._at: dict[etree._Element, list[Covered]] = {}
        for each in self._covered:
            self._at.setdefault(each.element, []).append(each)
        self._bare: list[tuple[etree._Element, bool]] = list(self._walk())

    def uncovered(self) -> tuple[str, ...]:
        """Return the paths of what no signature covers; at most ``MAX_LISTED``, then how many more."""
        lines = [
            self._document.paths.of(element) + ("" if whole else " (chữ hoặc thuộc tính của riêng phần tử này)")
            for element, whole in self._bare[:MAX_LISTED]
            if whole or _says_something(element)
        ]
        more = sum(1 for element, whole in self._bare[MAX_LISTED:] if whole or _says_something(element))
        return (*lines, *([f"… và {more} chỗ nữa"] if more else []))

    def twins_of(self, covered: Iterable[Covered]) -> tuple[str, ...]:
        """Return the paths of elements that are not covered but have the name of one of ``covered``.

        A reader may mistake one for the other. At most ``MAX_LISTED``.
        """
        names = sorted({local(each.element) for each in covered if namespace(each.element) not in _OF_SIGNATURES})
        found = (twin for name in names for twin in self._bare_by_name.get(name, ()))
        return tuple(self._document.paths.of(twin) for twin in islice(found, MAX_LISTED))

    @cached_property
    def _bare_by_name(self) -> dict[str, list[etree._Element]]:
        found: dict[str, list[etree._Element]] = {}
        for element, whole in self._bare:
            for each in element.iter(etree.Element) if whole else (element,):
                found.setdefault(local(each), []).append(each)
        return found

    def values(self) -> tuple[tuple[str, str], ...]:
        """Return what the covered elements say, read from the bytes that went into the digests: path and text."""
        found: dict[str, str] = {}
        for each in self._covered:
            if namespace(each.element) not in _OF_SIGNATURES:
                found |= islice(_said(each, self._document.paths.of(each.element)), MAX_LISTED)
        return tuple(islice(found.items(), MAX_LISTED))

    def _walk(self) -> Iterator[tuple[etree._Element, bool]]:
        """Yield what is not covered: an element with everything in it (True), or except some children (False)."""
        opened = {self._document.root}
        for inner in (*self._at, *self._document.signatures):
            opened.update(inner.iterancestors())
        yield from self._below(self._document.root, frozenset(), opened)

    def _below(
        self, element: etree._Element, active: _Active, opened: set[etree._Element]
    ) -> Iterator[tuple[etree._Element, bool]]:
        active = active.union(self._at.get(element, ()))
        active = frozenset(each for each in active if each.without is not element)
        if any(each.without is None for each in active):
            return
        if not active and element.tag != tag("Signature"):
            if element not in opened:
                yield element, True
                return
            yield element, False
        for child in element:
            if is_element(child) and child.tag not in _PARTS_OF_A_SIGNATURE:
                yield from self._below(child, active, opened)


def _says_something(element: etree._Element) -> bool:
    """Return whether an element itself, without its children, holds attributes or text."""
    texts = [element.text, *(child.tail for child in element)]
    return bool(element.attrib) or any((text or "").strip() for text in texts)


def _said(covered: Covered, path: str) -> Iterator[tuple[str, str]]:
    root = etree.fromstring(covered.data)
    paths = Paths(root, path)
    for element in root.iter(etree.Element):
        if namespace(element) in _OF_SIGNATURES or any(namespace(a) in _OF_SIGNATURES for a in element.iterancestors()):
            continue
        here = paths.of(element)
        yield from ((f"{here}/@{etree.QName(str(name)).localname}", str(value)) for name, value in element.items())
        text = " ".join(part for part in _own_texts(element) if part)
        if text:
            yield here, text


def _own_texts(element: etree._Element) -> Sequence[str]:
    return [(text or "").strip() for text in (element.text, *(child.tail for child in element))]
