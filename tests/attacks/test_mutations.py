"""Random changes of nodes: whatever is moved, removed, doubled, renamed or rewritten, nothing but the file passes.

HOCBA_MUTATIONS sets how many are tried (`make prove`: a million); about a thousand are without it.
"""

from __future__ import annotations

import copy
import os
import re
from random import Random

import pytest
from lxml import etree

from hocba_tui.export.record.signature import XML_HEAD
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from tests.attacks.conftest import Form

COUNT = int(os.environ.get("HOCBA_MUTATIONS", "1200"))
"""In all four forms together."""
TEXTS = ("", " ", "0", "1", "T", "giả", "2026-01-01", "\u200b", "A" * 300, "&#xD;", "-1", "#x", "https://w3.org")


def mutate(root: etree._Element, others: list[etree._Element], random: Random) -> None:
    """Change one node of ``root``; ``others`` are roots of other records, from which something may be taken."""
    nodes = list(root.iter())
    node = random.choice(nodes)
    if random.random() < 0.5 and node is not root:
        move(node, nodes, random.choice(others), random)
    else:
        rewrite(node, nodes, random)


def move(node: etree._Element, nodes: list[etree._Element], donor: etree._Element, random: Random) -> None:
    """Remove, double or move a node, or put the same one of another record in its place."""
    parent = node.getparent()
    assert parent is not None
    act = random.randrange(4)
    if act == 0:
        parent.remove(node)
    elif act == 1:
        node.addnext(copy.deepcopy(node))
    elif act == 2:
        other = random.choice(nodes)
        if other not in node.iter():
            other.insert(random.randrange(len(other) + 1), node)
    elif (twin := next((found for found in donor.iter() if found.tag == node.tag), None)) is not None:
        parent.replace(node, copy.deepcopy(twin))


def rewrite(node: etree._Element, nodes: list[etree._Element], random: Random) -> None:
    """Change a node's text, what stands behind it, its name, or an attribute."""
    act = random.randrange(5)
    if act == 0:
        node.text = random.choice(TEXTS)
    elif act == 1:
        node.tail = random.choice(TEXTS)
    elif act == 2:
        node.tag = random.choice([str(random.choice(nodes).tag), "KHAC"])
    elif act == 3:
        names = [*node.attrib, "Id", "URI", "Algorithm", "Target", "la"]
        node.set(random.choice(names), random.choice(TEXTS))
    elif node.attrib:
        del node.attrib[random.choice(list(node.attrib))]


STAMP = re.compile(b"^<UnsignedProperties>.*?</UnsignedProperties>")


def is_without_some_stamps(made: bytes, file: bytes) -> bool:
    """Return whether ``made`` is the file itself, or only lacks time-stamps, which no other signature covers.

    (test_stamped_files: then it passes, and proves no time.)
    """
    mine, theirs = (data.split(b"</SignedProperties>") for data in (made, file))
    return len(mine) == len(theirs) and all(a in {b, STAMP.sub(b"", b)} for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_no_random_change_passes(form: Form, seed: int) -> None:
    random = Random(seed)
    files = form.files
    roots = [etree.fromstring(data) for data in files]
    tried = 0
    while tried < COUNT / 16:
        number = random.randrange(len(files))
        root = copy.deepcopy(roots[number])
        for _ in range(random.choice((1, 1, 1, 2, 5))):
            mutate(root, roots, random)
        made = XML_HEAD + etree.tostring(root) + b"\n"
        if is_without_some_stamps(made, files[number]):
            continue
        tried += 1
        found = verify(made, form.trust)
        assert found.verdict is Verdict.FAILED, (seed, tried, found)
        assert found.values == {}
