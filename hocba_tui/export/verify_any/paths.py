"""Paths of the elements of a tree."""

from __future__ import annotations

from collections import Counter

from lxml import etree


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return etree.QName(element).localname


def namespace(element: etree._Element) -> str:
    """Return an element's namespace, empty when it has none."""
    return etree.QName(element).namespace or ""


def is_element(node: etree._Element) -> bool:
    """Return whether a node is an element, and no comment, instruction or entity."""
    return isinstance(node.tag, str)


class Paths:
    """The paths of a tree's elements; each parent's children are counted once."""

    def __init__(self, root: etree._Element, path: str = "") -> None:
        """``path`` is that of the root itself, where the tree was cut out of another."""
        self._steps = {root: path or f"/{local(root)}"}

    def of(self, element: etree._Element) -> str:
        """Return names from the root on, with a number where a name occurs more than once: ``/A/B[2]/C``."""
        steps = []
        for each in (element, *element.iterancestors()):
            parent = each.getparent()
            if each not in self._steps and parent is not None:
                self._steps |= _numbered(parent)
            steps.append(self._steps[each])
        return "".join(reversed(steps))


def _numbered(parent: etree._Element) -> dict[etree._Element, str]:
    children = [each for each in parent if is_element(each)]
    count = Counter(each.tag for each in children)
    seen: Counter[str] = Counter()
    steps = {}
    for each in children:
        seen[each.tag] += 1
        steps[each] = f"/{local(each)}" if count[each.tag] == 1 else f"/{local(each)}[{seen[each.tag]}]"
    return steps
