"""Write a profile's XSD from its fields: ``python scripts/make_xsd.py hbs-1.0``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from hocba_tui.export.record.profile import SlotPlace, load_profile, read_profile

PROFILES = Path(__file__).parent.parent / "hocba_tui" / "export" / "profiles"

PATTERNS = {
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "year": "[0-9]{4}-[0-9]{4}",
    "id": "[0-9]{12}",
    "sex": "Nam|Nữ",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "birth": "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?",
    "number": "[0-9]{1,3}(\\.[0-9]{1,4})?",
    "flag": "0|1",
    "outcome": "Hoàn thành xuất sắc|Hoàn thành tốt|Hoàn thành|Chưa hoàn thành",
    "subject_level": "T|H|C|M",
    "trait_level": "T|Đ|C",
    "score": "[1-9]|10|M",
}
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Written by scripts/make_xsd.py from fields.csv and profile.toml; do not edit. -->
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
"""
SLOT = """  <xs:complexType name="slot{suffix}">
    <xs:sequence>
      <xs:element name="NGAY_KY" type="signing-time"/>
{holder}      <xs:any namespace="http://www.w3.org/2000/09/xmldsig#" processContents="skip"/>
    </xs:sequence>
  </xs:complexType>
"""


def element(row: dict[str, str], indent: str) -> str:
    """Return the declaration of one field."""
    if row["kind"] == "text":
        facet = f'<xs:minLength value="1"/><xs:maxLength value="{row["max"]}"/>'
    else:
        facet = f'<xs:pattern value="{PATTERNS[row["kind"]]}"/>'
    occurs = "" if row["required"] else ' minOccurs="0"'
    return (
        f'{indent}<xs:element name="{row["tag"]}"{occurs}><xs:simpleType><xs:restriction base="xs:string">'
        f"{facet}</xs:restriction></xs:simpleType></xs:element>\n"
    )


def signature_list(name: str, places: Iterable[SlotPlace]) -> str:
    """Return the declaration of a list of signatures."""
    slots = "".join(
        f'        <xs:element name="{place.slot}" type="slot{"-of-person" if place.holder else ""}" minOccurs="0"/>\n'
        for place in places
    )
    return (
        f'      <xs:element name="{name}"><xs:complexType><xs:sequence>\n{slots}'
        "      </xs:sequence></xs:complexType></xs:element>\n"
    )


def declared(tag: str, prefix: str, inner: str) -> str:
    """Return the declaration of an element that signatures reference by its Id."""
    return (
        f'  <xs:element name="{tag}">\n    <xs:complexType><xs:sequence>\n{inner}'
        '    </xs:sequence><xs:attribute name="Id" use="required"><xs:simpleType><xs:restriction base="xs:string">'
        f'<xs:pattern value="{prefix}{PATTERNS["uuid"]}"/></xs:restriction></xs:simpleType></xs:attribute>'
        "</xs:complexType>\n  </xs:element>\n"
    )


def make(name: str) -> str:
    """Return the XSD of profile ``name``."""
    _, rows = read_profile(name)
    profile = load_profile(name)
    tree = profile.tree
    blocks = {block: [r for r in rows if r["block"] == block] for block in dict.fromkeys(r["block"] for r in rows)}

    def sequence(block: str, indent: str) -> str:
        return "".join(element(row, indent) for row in blocks[block])

    def complex_element(tag: str, inner: str, indent: str, occurs: str = "") -> str:
        return (
            f'{indent}<xs:element name="{tag}"{occurs}><xs:complexType><xs:sequence>\n{inner}'
            f"{indent}</xs:sequence></xs:complexType></xs:element>\n"
        )

    many = ' maxOccurs="unbounded"'
    history = complex_element(tree["history_row"], sequence("history", "          "), "        ", many)
    subjects = complex_element(tree["subject_row"], sequence("subject", "            "), "          ", many)
    summary = (
        sequence("summary", "        ")
        + complex_element(tree["subjects"], subjects, "        ")
        + complex_element(tree["traits"], sequence("traits", "          "), "        ")
    )
    region = (
        complex_element(tree["general"], sequence("general", "        "), "      ")
        + complex_element(tree["history"], history, "      ")
        + complex_element(tree["summary"], summary, "      ")
    )
    inner = "".join(signature_list(name, places) for name, places in profile.lists(inner=True).items())
    outer = "".join(signature_list(name, places) for name, places in profile.lists(inner=False).items())
    data = declared(tree["region"], profile.region_id(""), region)
    if profile.enclosure:
        enclosed = f'      <xs:element ref="{tree["region"]}"/>\n{inner}'
        data += declared(profile.enclosure, profile.enclosure_id(""), enclosed)
    return (
        HEAD
        + '  <xs:simpleType name="signing-time"><xs:restriction base="xs:string">'
        + '<xs:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\+07:00"/>'
        + "</xs:restriction></xs:simpleType>\n"
        + SLOT.format(suffix="", holder="")
        + SLOT.format(
            suffix="-of-person",
            holder='      <xs:element name="SO_CCCD"><xs:simpleType><xs:restriction base="xs:string">'
            '<xs:pattern value="[0-9]{12}"/></xs:restriction></xs:simpleType></xs:element>\n',
        )
        + data
        + f'  <xs:element name="{tree["root"]}">\n    <xs:complexType><xs:sequence>\n'
        + f'      <xs:element ref="{profile.enclosure or tree["region"]}"/>\n'
        + outer
        + "    </xs:sequence></xs:complexType>\n  </xs:element>\n</xs:schema>\n"
    )


if __name__ == "__main__":
    for profile in sys.argv[1:]:
        path = PROFILES / profile / f"{profile}.xsd"
        path.touch()
        path.write_text(make(profile), encoding="utf-8")
