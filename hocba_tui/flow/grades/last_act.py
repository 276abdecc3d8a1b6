"""A person's last act in a class when it is not one of results: what it was, and how it is taken back."""

from __future__ import annotations

from hocba_tui.errors import Refused
from hocba_tui.store.backend import Entry
from hocba_tui.text import moment

_ROSTER = "ở danh sách lớp"
_WAYS = {
    "submit": ("nộp học bạ", "Muốn sửa học bạ đã nộp thì nhờ hiệu trưởng trả lại."),
    "approve": ("duyệt và ký học bạ", "Muốn sửa thì trả lại học bạ (F8 ở màn hình duyệt)."),
    "issue": ("đóng dấu học bạ", "Học bạ đã phát hành chỉ sửa bằng cách thu hồi và tạo bản mới."),
    "return": ("trả lại học bạ", "Giáo viên chủ nhiệm nộp lại thì học bạ lại chờ duyệt."),
    "import_pupils": ("nạp danh sách học sinh", f"Sửa từng em {_ROSTER}, hoặc nạp lại danh sách đúng."),
    "import_earlier": ("nạp kết quả của kỳ đã qua", "Nạp nhầm thì hoàn tác lần nạp: hocba intake undo."),
    "undo_import": ("hoàn tác một lần nạp tệp", "Cần lại thì nạp lại tệp ấy."),
    "admit_pupil": ("thêm học sinh vào lớp", f"Thêm nhầm thì ghi em ấy rời trường {_ROSTER}."),
    "leave_school": ("ghi học sinh rời trường", f"Ghi nhầm thì chọn em ấy {_ROSTER} và ghi học lại."),
    "come_back": ("ghi học sinh học lại", f"Ghi nhầm thì chọn em ấy {_ROSTER} và ghi rời trường."),
    "change_class": ("chuyển lớp cho học sinh", f"Chuyển nhầm thì chọn em ấy {_ROSTER} mới và chuyển về lớp cũ."),
    "correct_pupil": ("sửa thông tin học sinh", f"Sửa nhầm thì sửa lại {_ROSTER}."),
    "past_years": ("ghi các năm học trước của học sinh", "Ghi nhầm thì sửa lại ở phiếu của em ấy."),
}
"""By the act in the journal: what it is called, and how it is taken back."""
_OTHER = ("một việc khác", "Việc ấy được sửa ở chỗ đã làm nó.")


class OtherActLast(Refused):
    """The actor's last act in the class is not one of results, so undo and redo do not silently pass it.

    ``seq`` is its number; undo or redo with ``past=seq`` goes on to what was entered before it.
    """

    def __init__(self, class_key: str, entry: Entry, *, redo: bool) -> None:
        what, how = _WAYS.get(entry.act, _OTHER)
        verb = "làm lại" if redo else "hoàn tác"
        super().__init__(
            f"Việc gần nhất của bạn ở lớp {class_key} là {what} ({moment(entry.at)}); việc này không {verb} ở đây.",
            how,
            f"Chưa {verb} gì.",
        )
        self.seq = entry.seq
