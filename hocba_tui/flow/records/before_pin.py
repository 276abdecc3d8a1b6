"""What is done and said before a PIN is asked: this process is closed to others, and the clock is looked at."""

from __future__ import annotations

from collections.abc import Iterator

from hocba_tui.clock import Clock, set_by, synchronised
from hocba_tui.confine.memory import hide_memory
from hocba_tui.errors import SigningFailed
from hocba_tui.flow.desk import Desk
from hocba_tui.text import moment

_SET = 2.0
"""Seconds from which a set clock is worth a word."""


def before_pin(desk: Desk | None = None) -> tuple[str, ...]:
    """Close this process to other processes of the same account; return what is to be said about the clock.

    SigningFailed when the system does not allow it: then no PIN is asked.
    """
    try:
        hide_memory()
    except OSError as error:
        raise SigningFailed(
            "Máy không cho che bộ nhớ của chương trình, nên không hỏi mã PIN.", "Báo người phụ trách máy chủ."
        ) from error
    if desk is not None and desk.school.training:
        return ()
    return tuple(f"{said} Xem lại ngày giờ trước khi ký: {_now()}." for said in clock_words(desk))


def clock_words(desk: Desk | None = None) -> Iterator[str]:
    """Yield why the computer's clock may be wrong, a sentence each; a signature carries its time for ever."""
    if synchronised() is False:
        yield "Không có gì bảo đảm đồng hồ máy đúng: máy không chỉnh giờ theo mạng (NTP)."
    if abs(by := set_by()) >= _SET:
        yield f"Đồng hồ máy đã bị đặt lại {abs(by):.0f} giây về phía {'sau' if by < 0 else 'trước'} trong lúc chạy."
    if desk is not None and (last := next(desk.school_shard.latest(), None)) is not None:
        now = desk.clock.now()
        if last.at[:19] > now.isoformat()[:19]:
            yield f"Đồng hồ máy chậm hơn lần ghi cuối của kho ({moment(last.at)})."


def _now() -> str:
    return moment(Clock().now().isoformat())
