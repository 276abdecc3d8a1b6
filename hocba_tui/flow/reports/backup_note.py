"""What the administrator is told about backups, on the home screen and by the doctor."""

from __future__ import annotations

from datetime import datetime

from hocba_tui.flow.desk import Desk
from hocba_tui.store.backups.backup_state import read_state

_BACKUP_DAYS, _DRILL_DAYS = 2, 100
"""Age in days from which a backup, and a drill, is too old: nightly ones, and one drill a quarter."""


def backup_note(desk: Desk) -> tuple[str, bool]:
    """Return how old the last backup and the last drill are, and whether something should be done about it."""
    state, training = read_state(desk.root), desk.school.training
    if state.backup is None:
        return "chưa sao lưu lần nào", not training
    made = days_since(desk, state.backup.at)
    words, wrong = [f"bản cuối {in_days(made)}"], made > _BACKUP_DAYS
    if state.backup.damaged:
        words.append("lúc ấy kho có chỗ hỏng")
        wrong = True
    if state.backup.apart:
        words.append("kho này cũ hơn hoặc đi ngả khác một bản chép khác của nó")
        wrong = True
    if state.drill is None:
        words.append("chưa khôi phục thử lần nào")
        wrong = True
    else:
        tried = days_since(desk, state.drill.at)
        words.append(f"khôi phục thử {in_days(tried)}")
        wrong = wrong or tried > _DRILL_DAYS
        if state.drill.key != state.backup.key:
            words.append("khóa nhận đã đổi từ đó")
            wrong = True
    return ", ".join(words), wrong and not training


def days_since(desk: Desk, at: str) -> int:
    """Return how many days ago something was; very many when that cannot be read."""
    try:
        return max(0, (desk.clock.now() - datetime.fromisoformat(at)).days)
    except (ValueError, TypeError):
        return 9999


def in_days(days: int) -> str:
    """Return how long ago something was, in words."""
    return "trong 24 giờ qua" if days == 0 else f"{days} ngày trước"
