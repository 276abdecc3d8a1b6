"""What the acts in the journals are called, and of which kind they are."""

from __future__ import annotations

from enum import StrEnum

from hocba_tui.store.activity.noting import is_activity
from hocba_tui.store.backend import OUTBOX, SCHOOL


class Kind(StrEnum):
    """What somebody looks for."""

    CHANGE = "change"
    VIEW = "view"
    EXPORT = "export"
    SIGN = "sign"
    SEND = "send"
    LOGIN = "login"
    ACCOUNT = "account"
    SETTING = "setting"
    MACHINE = "machine"

    @property
    def label(self) -> str:
        """Return its name on the screen."""
        return _LABELS[self]


_LABELS = {
    Kind.CHANGE: "sửa", Kind.VIEW: "xem", Kind.EXPORT: "xuất, chép ra", Kind.SIGN: "ký, duyệt, trả lại",
    Kind.SEND: "gửi cổng", Kind.LOGIN: "vào, ra, vào hụt", Kind.ACCOUNT: "tài khoản, phân công",
    Kind.SETTING: "cài đặt", Kind.MACHINE: "máy, kho",
}  # fmt: skip

_WORDS: dict[Kind, dict[str, str]] = {
    Kind.CHANGE: {
        "enter": "nhập", "fill_down": "chép ô trên xuống cả khối", "copy_before": "chép kết quả kỳ trước",
        "set_empty": "điền các ô trống", "clear_block": "xóa khối", "paste": "dán khối",
        "import_results": "nạp kết quả từ tệp", "import_earlier": "nạp kết quả kỳ đã qua", "undo": "hoàn tác",
        "redo": "làm lại", "take_back": "trả lại giá trị cũ", "undo_import": "hoàn tác cả lần nạp tệp",
        "assess_again": "ghi kiểm tra lại", "correct_pupil": "sửa thông tin", "past_years": "sửa các năm trước",
        "import_pupils": "nạp danh sách lớp", "admit_pupil": "thêm em", "leave_school": "cho rời trường",
        "come_back": "cho học lại", "change_class": "chuyển lớp", "keep_bank": "sửa ngân hàng nhận xét",
        "forget_bank": "bỏ lời nhận xét khỏi ngân hàng",
    },
    Kind.VIEW: {
        "view_card": "xem phiếu", "history": "xem lịch sử sửa", "verify": "kiểm tra tệp đã phát hành",
        "verify_files": "kiểm tra tệp từ nơi khác", "see_files": "thấy tệp lần đầu", "read_log": "đọc nhật ký",
    },
    Kind.EXPORT: {
        "export": "xuất tệp học bạ", "export_sheet": "xuất Excel", "export_summary": "xuất thống kê",
        "export_bank": "xuất ngân hàng nhận xét", "save_preview": "xuất bảng xem trước",
        "verify_report": "xuất báo cáo kiểm tra", "copy": "chép ra ngoài", "signing-request": "xuất tệp yêu cầu ký",
        "fetch": "lấy tệp về máy mình",
    },
    Kind.SIGN: {
        "submit": "nộp và ký", "approve": "duyệt và ký", "return": "trả lại", "issue": "ký phát hành (con dấu)",
        "sign_heads": "ký mốc các nhật ký bằng con dấu",
    },
    Kind.SEND: {
        "queue": "xếp vào hộp gửi", "sending": "bắt đầu gửi lên cổng", "not_sent": "gửi lên cổng không được",
        "sent": "đã gửi lên cổng", "receipts": "nhận kết quả tiếp nhận",
    },
    Kind.LOGIN: {
        "log_in": "vào chương trình", "log_out": "ra khỏi chương trình", "run": "chạy lệnh qua cửa máy chủ",
        "log_in_refused": "bị từ chối ở cửa", "log_in_failed": "đăng nhập hụt",
    },
    Kind.ACCOUNT: {
        "save_account": "sửa tài khoản", "propose_account": "đề nghị sửa tài khoản",
        "confirm_account": "xác nhận sửa tài khoản", "withdraw_account": "bỏ đề nghị sửa tài khoản",
        "import_staff": "nạp danh sách cán bộ", "give_duty": "giao việc theo quyết định", "end_duty": "thôi giao việc",
        "recover_account": "mở lại tài khoản từ máy chủ", "register_certificate": "đăng ký chứng thư",
        "register_seal": "đăng ký con dấu", "assign": "phân công",
        "staff_leaves": "ghi rời trường", "staff_returns": "ghi trở lại trường", "switch_off": "tạm khóa tài khoản",
        "switch_on": "mở lại tài khoản", "ask_login": "nhờ máy chủ", "confirm_ask_login": "xác nhận nhờ máy chủ",
        "withdraw_ask_login": "bỏ việc nhờ máy chủ", "apply_login": "máy chủ đã làm",
        "see_login_notice": "xem lời báo về đăng nhập của mình",
    },
    Kind.SETTING: {
        "set_school": "sửa cài đặt trường", "undo_school": "hoàn tác cài đặt trường",
        "open_period": "mở kỳ nhập", "close_period": "khóa kỳ nhập",
        "set_window": "hẹn ngày mở, khóa kỳ", "open_round": "mở đợt phát hành", "save_class": "sửa lớp",
        "add_pin": "ghim chứng thư", "remove_pin": "bỏ ghim chứng thư",
    },
    Kind.MACHINE: {
        "create": "tạo nhật ký", "found": "lập trường", "new_shard": "mở nhật ký mới", "format_2": "nâng cấp kho",
        "restored": "khôi phục từ bản sao lưu", "rebuild": "dựng lại nhật ký hỏng",
        "accept_fork": "nhận kho này làm bản chính", "access_log": "nhận sổ truy cập của bản trước",
    },
}  # fmt: skip

WORDS = {act: words for acts in _WORDS.values() for act, words in acts.items()}
_KINDS = {act: kind for kind, acts in _WORDS.items() for act in acts}
_STEPS = {"undo": " (trả lại: không làm hết được)", "give_up": " (bỏ: không làm hết được)", "end": " (xong)"}


def kind_of(act: str, shard: str) -> Kind:
    """Return the kind of an act; one that this version does not know is of the kind of its journal."""
    return _KINDS.get(act.partition(":")[0], default_kind(shard))


def default_kind(shard: str) -> Kind:
    """Return the kind of an act in a shard that this version does not know."""
    if is_activity(shard):
        return Kind.VIEW
    return {SCHOOL: Kind.SETTING, OUTBOX: Kind.SEND}.get(shard, Kind.CHANGE)


def acts_of(kinds: frozenset[Kind], shard: str) -> frozenset[str] | None:
    """Return the acts of these kinds, None where they cannot be listed: a shard may hold acts that are not known."""
    if default_kind(shard) in kinds:
        return None
    return frozenset(act for act, kind in _KINDS.items() if kind in kinds)


def words_of(act: str) -> str:
    """Return what an act is called."""
    name, _, step = act.partition(":")
    return WORDS.get(name, name) + _STEPS.get(step, "")
