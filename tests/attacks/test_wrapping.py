"""Signature wrapping: the signed element somewhere else, a forged one where it is read.

Eight shapes, each for both references (the record, the time of signing) of each of the three signatures. The
digests of the original hold in all of them; only where it stands is a lie.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from lxml import etree

from hocba_tui.export.record.signature import XML_HEAD
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.model.values import Slot
from tests.attacks.conftest import Form
from tests.support.table import table

Element = etree._Element
Shape = Callable[[Element, Element, Element, Element], Element]
"""Root, Signature, the signed element in its place, its forged twin → the root of the forged file."""


def put_in_place(original: Element, other: Element) -> None:
    parent = original.getparent()
    assert parent is not None
    parent.replace(original, other)


def box(*inside: Element) -> Element:
    made = etree.Element("KHAC")
    made.extend(inside)
    return made


def sibling_before(root: Element, signature: Element, original: Element, forged: Element) -> Element:
    put_in_place(original, forged)
    root.insert(0, box(original))
    return root


def sibling_after(root: Element, signature: Element, original: Element, forged: Element) -> Element:
    put_in_place(original, forged)
    root.append(box(original))
    return root


def inside_the_forged(root: Element, signature: Element, original: Element, forged: Element) -> Element:
    put_in_place(original, forged)
    forged.append(original)
    return root


def around_the_forged(root: Element, signature: Element, original: Element, forged: Element) -> Element:
    """The original stays where it is; the forged one is its first child, where a careless path finds it first."""
    original.insert(0, forged)
    return root


def in_an_object_of_the_signature(root: Element, signature: Element, original: Element, forged: Element) -> Element:
    put_in_place(original, forged)
    holder = etree.SubElement(signature, f"{{{DSIG}}}Object")
    holder.append(original)
    return root


def in_the_key_info(root: Element, signature: Element, original: Element, forged: Element) -> Element:
    put_in_place(original, forged)
    found = signature.find(f"{{{DSIG}}}KeyInfo")
    assert found is not None
    found.append(original)
    return root


def forged_twin_first(root: Element, signature: Element, original: Element, forged: Element) -> Element:
    original.addprevious(forged)
    return root


def whole_file_inside_another(root: Element, signature: Element, original: Element, forged: Element) -> Element:
    outer = etree.Element(root.tag)
    outer.append(forged)
    outer.append(copy.deepcopy(root[1]))
    outer.append(root)
    return outer


SHAPES: tuple[Shape, ...] = (
    sibling_before,
    sibling_after,
    inside_the_forged,
    around_the_forged,
    in_an_object_of_the_signature,
    in_the_key_info,
    forged_twin_first,
    whole_file_inside_another,
)


@table("same_id", [True, False])
@table("reference", [0, 1, -1])
@table("slot", list(Slot))
@table("shape", SHAPES)
def test_a_wrapped_signature_never_passes(
    form: Form, shape: Shape, slot: Slot, reference: int, *, same_id: bool
) -> None:
    data = form.files[0]
    root = etree.fromstring(data)
    signature = root.find(f".//{slot}/{{{DSIG}}}Signature")
    assert signature is not None
    uri = signature.findall(f".//{{{DSIG}}}Reference")[reference].get("URI") or ""
    (original,) = (element for element in root.iter() if element.get("Id") == uri.removeprefix("#"))
    forged = copy.deepcopy(original)
    if not same_id:
        del forged.attrib["Id"]
    text = next(element for element in forged.iter() if (element.text or "").strip())
    text.text = "2026-01-01T00:00:00+07:00" if reference else "giả"
    made = XML_HEAD + etree.tostring(shape(root, signature, original, forged)) + b"\n"
    assert made != data
    found = verify(made, form.trust)
    assert found.verdict is Verdict.FAILED, found
    assert found.values == {}


def test_the_file_itself_passes(form: Form) -> None:
    assert verify(form.files[0], form.trust).verdict is Verdict.PASSED
