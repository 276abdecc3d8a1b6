"""What is wrong with a shard's files, and where."""

from __future__ import annotations

from hocba_tui.errors import StoreUnusable


class Damage(Exception):
    """Damage in a file that cannot be repaired without loss. The shard is read-only from then on."""

    def __init__(self, shard: str, file: str, after: int, place: int, reason: str) -> None:
        super().__init__(reason)
        self.shard = shard
        self.file = file
        self.after = after
        """Number of the last good journal line before it, -1 for none."""
        self.place = place
        """Byte at which the bad part begins."""
        self.reason = reason

    @property
    def words(self) -> str:
        """Return it as a Vietnamese sentence."""
        behind = f"sau bản ghi số {self.after}" if self.after >= 0 else "từ đầu"
        return f"{self.shard}/{self.file} hỏng {behind}, byte {self.place} ({self.reason})"

    def unusable(self) -> StoreUnusable:
        """Return the error to raise when somebody wants to write."""
        return StoreUnusable(
            f"{self.words}; {self.shard} chỉ xem được, không ghi được.",
            "Báo người phụ trách máy chủ: hocba store check, rồi khôi phục từ bản sao lưu.",
            "Các lớp khác vẫn dùng được; các bản ghi trước chỗ hỏng còn nguyên.",
        )
