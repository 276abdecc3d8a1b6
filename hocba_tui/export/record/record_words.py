"""A frozen record in words, for the person who is about to sign it; every value is read from the frozen bytes."""

from __future__ import annotations

from lxml import etree

from hocba_tui.export.record.profile import Field, Profile
from hocba_tui.export.record.schema import NotWellFormed, canonical, parse
from hocba_tui.text import day_first, foreign

_FLAGS = {"1": "Có", "0": "Không"}
_LONGEST = 5000
_GENERAL = ("TEN_NAM_HOC", "TEN_TRUONG", "NGAY_SINH", "TEN_LOP")


def record_words(profile: Profile, region: bytes, uuid: str) -> tuple[str, ...]:
    """Return the pupil's name, and line by line everything that the record concludes.

    Each is one harmless line: in a request that somebody else has made, a name could hide something from who signs.
    Raises NotWellFormed when the bytes are not the canonical region of the record ``uuid``.
    """
    element = parse(region)
    if canonical(element) != region or element.get("Id") != profile.region_id(uuid):
        raise NotWellFormed("không ở dạng chuẩn, hoặc của học bạ khác")
    name = element.findtext(".//HO_VA_TEN") or uuid
    fields = [field for field in profile.block("general") if field.tag in _GENERAL]
    general = " · ".join(in_words(field, element.findtext(f".//{field.tag}") or "") for field in fields)
    lines = (name, general, _marks(element), *_conclusions(profile, element))
    return tuple(foreign(line, _LONGEST) for line in lines)


def _marks(element: etree._Element) -> str:
    rows = (
        f"{row.findtext('TEN_MON_HOC')} {row.findtext('MUC_DAT_DUOC')} {row.findtext('DIEM_KIEM_TRA_DINH_KY') or ''}"
        for row in element.iter("MON_HOC")
    )
    return "; ".join(row.strip() for row in rows)


def _conclusions(profile: Profile, element: etree._Element) -> tuple[str, ...]:
    """Return the summary, field by field, in the order of the record and in the words of its profile."""
    fields = (*profile.block("summary"), *profile.block("traits"))
    found = ((field, element.findtext(f"./{profile.tree['summary']}//{field.tag}")) for field in fields)
    return tuple(f"{field.label}: {in_words(field, text)}" for field, text in found if text)


def in_words(field: Field, text: str) -> str:
    """Return what a field says as a person reads it: yes or no, and days with the day first."""
    if field.kind == "flag":
        return _FLAGS.get(text, text)
    return day_first(text) if field.kind in {"date", "birth"} else text
