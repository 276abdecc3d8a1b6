"""What contradicts itself in the signed content. Nobody altered it, so it is a warning and no verdict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from hocba_tui.clock import VIETNAM
from hocba_tui.export.verify.work import Work
from hocba_tui.text import day_first

_APART = timedelta(days=366)
"""A record is signed within weeks of its printed date; a year apart is a slip of the hand."""
_AGES = range(4, 26)
"""Of a primary school's pupil at the end of the school year; the oldest are in classes that make up for lost years."""


def contradictions(work: Work) -> tuple[str, ...]:
    """Return sentences about days in the record that cannot all be true."""
    return tuple(_found(work))


def _found(work: Work) -> Iterator[str]:
    today = work.now.astimezone(VIETNAM).date()
    signed = [signer.claimed.astimezone(VIETNAM).date() for signer in work.signers]
    for tag, what in (("NGAY_KY_PHAT_HANH_HOC_BA", "ngày phát hành"), ("NGAY_TAO_HOC_BA", "ngày tạo")):
        day = _day(work.text(tag))
        if day is None:
            continue
        if day > today + timedelta(days=1) and not any(day <= one + _APART for one in signed):
            yield f"{what} ghi trong học bạ ({day_first(day.isoformat())}) ở xa trong tương lai"
        elif signed and (day - max(signed) > _APART or min(signed) - day > _APART):
            yield f"{what} ghi trong học bạ ({day_first(day.isoformat())}) cách ngày ký ({_first(signed)}) hơn một năm"
    born = work.text("NGAY_SINH")
    last = max(signed, default=today)
    if born and born > last.isoformat()[: len(born)]:
        yield f"ngày sinh ({day_first(born) if len(born) == 10 else born}) muộn hơn ngày ký"
        return
    if born[:4].isdecimal() and signed and last.year - int(born[:4]) not in _AGES:
        yield f"tuổi học sinh lúc ký ({last.year - int(born[:4])}) không phải tuổi tiểu học"
    years = work.text("TEN_NAM_HOC")
    if years[:4].isdecimal() and signed and min(signed) < date(int(years[:4]), 6, 1):
        yield f"ký trước khi năm học {years} bắt đầu"


def _first(days: list[date]) -> str:
    return day_first(min(days).isoformat())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
