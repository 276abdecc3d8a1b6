"""A record's file: the frozen region, and the signatures where the profile places them, byte for byte.

Nothing is serialised again: what an earlier signature covers is the same bytes in every later file.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from hocba_tui.export.record.profile import Covers, Profile, SlotPlace
from hocba_tui.export.record.region import escape
from hocba_tui.export.record.schema import parse
from hocba_tui.export.record.signature import XML_HEAD, Target, signature_element
from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot


def record_target(
    profile: Profile, uuid: str, slot: Slot, region: bytes, made: Sequence[Signed], *, xades: bool = False
) -> Target:
    """Return what a record's signature in ``slot`` covers, with the signatures made so far.

    That is the frozen region, or the profile's enclosure: the region together with the signatures inside it.
    ``xades`` adds the properties of XAdES.
    """
    if profile.place(slot).covers is Covers.REGION:
        identifier, data = profile.region_id(uuid), region
    else:
        identifier, data = profile.enclosure_id(uuid), _enclosed(profile, uuid, region, made)
    properties = f"props-{slot}-{uuid}" if xades else ""
    return Target(identifier, f"sig-{slot}-{uuid}", f"time-{slot}-{uuid}", data, properties)


def record_file(profile: Profile, uuid: str, region: bytes, made: Sequence[Signed]) -> bytes:
    """Return the file: the region as it was frozen and the signatures in the profile's order.

    This is the only layout that the verifier accepts, byte for byte. Raises BadCertificate when one cannot be read.
    """
    root = profile.tree["root"]
    data = _enclosed(profile, uuid, region, made) if profile.enclosure else region
    lists = _lists(profile, uuid, region, made, inner=False)
    return XML_HEAD + f"<{root}>".encode() + data + lists + f"</{root}>\n".encode()


def _enclosed(profile: Profile, uuid: str, region: bytes, made: Sequence[Signed]) -> bytes:
    tag = profile.enclosure
    inside = region + _lists(profile, uuid, region, made, inner=True)
    return f'<{tag} Id="{profile.enclosure_id(uuid)}">'.encode() + inside + f"</{tag}>".encode()


def _lists(profile: Profile, uuid: str, region: bytes, made: Sequence[Signed], *, inner: bool) -> bytes:
    by_slot = {signed.slot: signed for signed in made}
    named: etree._Element | None = None
    lists = ""
    for name, places in profile.lists(inner=inner).items():
        slots = ""
        for place in places:
            if place.slot in by_slot:
                if place.holder and named is None:
                    named = parse(region)
                beside = _personal_id(named, place.holder) if named is not None and place.holder else ""
                slots += _slot(profile, place, uuid, region, by_slot[place.slot], made, beside)
        lists += f"<{name}>{slots}</{name}>"
    return lists.encode()


def _personal_id(region: etree._Element, holder: str) -> str:
    """Return the element beside a signature: the personal id of the holder whom the region names."""
    return f"<SO_CCCD>{escape(region.findtext(f'.//{holder}') or '')}</SO_CCCD>"


def _slot(
    profile: Profile, place: SlotPlace, uuid: str, region: bytes, signed: Signed, made: Sequence[Signed], beside: str
) -> str:
    """Return the element of one signature, with what stands ``beside`` it."""
    target = record_target(profile, uuid, place.slot, region, made, xades=signed.xades)
    element = signature_element(target, signed.time, signed.value, signed.certificate, signed.stamp)
    return f"<{place.slot}><NGAY_KY>{escape(signed.time)}</NGAY_KY>{beside}{element}</{place.slot}>"
