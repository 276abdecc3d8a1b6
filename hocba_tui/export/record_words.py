"""A frozen record in words, for whoever is about to sign it: every value from the very bytes."""

from __future__ import annotations

from lxml import etree

from hocba_tui.export.profile import Profile
from hocba_tui.export.schema import NotWellFormed, canonical, parse

_GENERAL = ("NGAY_SINH", "TEN_LOP", "TEN_TRUONG", "TEN_NAM_HOC")


def record_words(profile: Profile, region: bytes, uuid: str) -> tuple[str, ...]:
    """Return the pupil's name, and line by line everything that the record concludes.

    Raises NotWellFormed when the bytes are not the canonical region of the record ``uuid``.
    """
    element = parse(region)
    if canonical(element) != region or element.get("Id") != profile.region_id(uuid):
        raise NotWellFormed("không ở dạng chuẩn, hoặc của học bạ khác")
    name = element.findtext(".//HO_VA_TEN") or uuid
    general = " · ".join(filter(None, (element.findtext(f".//{tag}") for tag in _GENERAL)))
    return (name, general, _marks(element), *_conclusions(element))


def _marks(element: etree._Element) -> str:
    rows = (
        f"{row.findtext('TEN_MON_HOC')} {row.findtext('MUC_DAT_DUOC')} {row.findtext('DIEM_KIEM_TRA_DINH_KY') or ''}"
        for row in element.iter("MON_HOC")
    )
    return "; ".join(row.strip() for row in rows)


def _conclusions(element: etree._Element) -> tuple[str, ...]:
    """Return the summary, field by field, in the order of the record."""
    summary = element.find("TONG_KET")
    fields = [] if summary is None else [field for field in summary if len(field) == 0]
    traits = element.find(".//DANH_GIA_NANG_LUC_PHAM_CHAT")
    fields += [] if traits is None else list(traits)
    return tuple(f"{str(field.tag).replace('_', ' ').capitalize()}: {field.text or ''}" for field in fields)
