"""Follow a signature's references strictly; return the canonical bytes of what they name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from hocba_tui.export.record.schema import canonical
from hocba_tui.export.trust.algorithms import C14N, DSIG
from hocba_tui.export.verify_any.algorithms import C14N_FORMS, ENVELOPED, EXCLUSIVE, Unsupported, require_digest, shown
from hocba_tui.export.verify_any.document import Document
from hocba_tui.export.verify_any.paths import is_element

_ID_URI = re.compile(r"#[\w.-]+")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_INCLUSIVE_NAMESPACES = f"{{{EXCLUSIVE}}}InclusiveNamespaces"


class Broken(ValueError):
    """A signature that cannot hold; the message is for a person."""


@dataclass(frozen=True)
class Covered:
    """An element that a signature covers. ``without`` is the Signature that an enveloped one leaves out of it."""

    element: etree._Element
    without: etree._Element | None
    data: bytes
    """Canonical bytes, as they went into the digest."""


def tag(name: str) -> str:
    """Return a name of XMLDSig as lxml writes it."""
    return f"{{{DSIG}}}{name}"


def follow(document: Document, signature: etree._Element, reference: etree._Element) -> Covered:
    """Return what a Reference of ``signature`` covers.

    Raises Broken for what no honest signer writes (an unknown Id, an Id of two elements), Unsupported for what is not
    judged here: comments or instructions in what is signed, xml: attributes above it, other transforms, references out
    of the file.
    """
    element = _named(document, reference.get("URI"))
    enveloped, form, prefixes = _transforms(reference)
    digest = reference.find(tag("DigestMethod"))
    require_digest("" if digest is None else digest.get("Algorithm") or "")
    _require_plain(document, element, reference.get("URI") == "")
    without = signature if enveloped and _is_inside(signature, element) else None
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    if without is not None:
        _take_out(alone, _steps_to(element, without))
    data = canonical_form(alone, form, prefixes)
    document.spend(len(data))
    return Covered(element, without, data)


def canonical_form(element: etree._Element, form: str, prefixes: list[str] | None = None) -> bytes:
    """Return the canonical bytes of an element; ``prefixes`` are an exclusive form's InclusiveNamespaces."""
    try:
        if form == EXCLUSIVE:
            alone = etree.fromstring(etree.tostring(element, with_tail=False))
            return etree.tostring(alone, method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes)
        return canonical(element)
    except etree.LxmlError as error:
        raise Broken("phần được ký không chuẩn hóa được (tên không gian tên bất thường)") from error


def inclusive_prefixes(method: etree._Element) -> list[str] | None:
    """Return the PrefixList of an exclusive canonical form, None when there is none; Unsupported for other children."""
    children = list(method)
    if not children:
        return None
    (child, *more) = children
    if more or child.tag != _INCLUSIVE_NAMESPACES or method.get("Algorithm") != EXCLUSIVE:
        raise Unsupported("phép biến đổi có tham số lạ, không được kiểm tra ở đây")
    return (child.get("PrefixList") or "").split()


def _named(document: Document, uri: str | None) -> etree._Element:
    if uri == "":
        return document.root
    if uri is None or not uri.startswith("#"):
        raise Unsupported(f"tham chiếu ra ngoài tệp (“{shown(uri or '')}”), không kiểm tra được từ tệp này")
    if not _ID_URI.fullmatch(uri):
        raise Unsupported(f"tham chiếu kiểu “{shown(uri)}” không được kiểm tra ở đây")
    bearers = document.ids.get(uri[1:], [])
    if not bearers:
        raise Broken(f"không có phần tử nào mang Id “{shown(uri[1:])}” mà chữ ký tham chiếu")
    if len(bearers) > 1:
        raise Broken(f"Id “{shown(uri[1:])}” có ở hơn một chỗ, không rõ chữ ký phủ chỗ nào")
    return bearers[0]


def _transforms(reference: etree._Element) -> tuple[bool, str, list[str] | None]:
    """Return whether the signature is enveloped, and the canonical form with its prefixes."""
    listed = reference.find(tag("Transforms"))
    enveloped, form, prefixes = False, "", None
    for transform in () if listed is None else listed:
        name = transform.get("Algorithm") or ""
        if transform.tag != tag("Transform") or form:
            raise Unsupported("thứ tự các phép biến đổi lạ, không được kiểm tra ở đây")
        if name == ENVELOPED and not enveloped and len(transform) == 0:
            enveloped = True
        elif name in C14N_FORMS:
            form, prefixes = name, inclusive_prefixes(transform)
        else:
            raise Unsupported(f"phép biến đổi “{shown(name)}” không được kiểm tra ở đây")
    return enveloped, form or C14N, prefixes


def _require_plain(document: Document, element: etree._Element, whole: bool) -> None:
    if any(not is_element(node) for node in element.iter()):
        where = document.paths.of(element)
        raise Unsupported(f"có chú thích hoặc chỉ thị xử lí trong phần được ký {where}, không xét ở đây")
    if any(str(name).startswith(_XML) for above in element.iterancestors() for name in above.attrib):
        raise Unsupported(f"có thuộc tính xml: ở phần tử bao ngoài {document.paths.of(element)}, không xét ở đây")
    if whole and document.has_instructions_beside_the_root:
        raise Unsupported("có chỉ thị xử lí cạnh phần tử gốc, chữ ký cả tệp không được kiểm tra ở đây")


def _is_inside(element: etree._Element, outer: etree._Element) -> bool:
    return any(above is outer for above in element.iterancestors())


def _steps_to(outer: etree._Element, inner: etree._Element) -> list[int]:
    """Return the numbers of the children that lead from one element down to another."""
    steps = []
    while inner is not outer:
        parent = inner.getparent()
        assert parent is not None
        steps.append(parent.index(inner))
        inner = parent
    return steps[::-1]


def _take_out(root: etree._Element, steps: list[int]) -> None:
    """Remove the element to which ``steps`` lead; keep the text after it."""
    parent = root
    for step in steps[:-1]:
        parent = parent[step]
    gone = parent[steps[-1]]
    before = gone.getprevious()
    if before is None:
        parent.text = (parent.text or "") + (gone.tail or "")
    else:
        before.tail = (before.tail or "") + (gone.tail or "")
    parent.remove(gone)
