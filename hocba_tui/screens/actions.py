"""Every action that a person can take, listed once: keys, footer, help and palette all use this list."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType

EVERYWHERE = "everywhere"
_IN_DIALOGS_TOO = {"everywhere.typing"}


@dataclass(frozen=True)
class Action:
    """One action. ``id`` is stable, so that a keymap can give it another key."""

    id: str
    key: str
    label: str
    """Text for the footer, at most two or three words."""
    help: str
    scope: str
    shown: bool = True

    @property
    def shown_key(self) -> str:
        """Return the key as the footer writes it."""
        return key_name(self.key.split(",", maxsplit=1)[0])


_KEY_NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "equals_sign": "=",
    "left": "←",
    "right": "→",
}


def key_name(key: str) -> str:
    """Return a key as it is printed on a keyboard: Esc, ^P, F10."""
    if key.startswith("ctrl+"):
        return f"^{key[5:].upper()}"
    if key in _KEY_NAMES:
        return _KEY_NAMES[key]
    return key.upper() if key.startswith("f") and key[1:].isdigit() else key


def _actions(scope: str, *rows: tuple[str, str, str, str]) -> tuple[Action, ...]:
    return tuple(Action(f"{scope}.{name}", key, label, text, scope) for name, key, label, text in rows)


_BATCH = (
    ("pause", "p", "Tạm dừng", "Tạm dừng khi đang ký, hoặc ký tiếp"),
    ("stop", "d", "Dừng", "Dừng sau học bạ đang ký; phần còn lại ký lúc khác"),
)

ACTIONS: tuple[Action, ...] = (
    *_actions(
        EVERYWHERE,
        ("leave", "escape", "Về", "Quay lại màn hình trước"),
        ("help", "question_mark,f1", "Trợ giúp", "Các phím dùng được ở đây"),
        ("palette", "ctrl+p,colon", "Lệnh", "Gõ tên việc muốn làm"),
        ("close", "f10,ctrl+q", "Thoát", "Thoát chương trình; mọi thứ đã lưu"),
        ("typing", "f9,ctrl+r", "Gõ dấu", "Đổi cách gõ tiếng Việt: tắt, Telex, VNI (khi máy không có Unikey)"),
    ),
    *_actions("home", ("open", "enter", "Mở", "Mở việc đang chọn")),
    *_actions(
        "classes",
        ("open", "enter", "Danh sách", "Mở danh sách lớp"),
        ("review", "r", "Rà soát", "Xem còn thiếu gì, có gì lạ"),
        ("grid", "n", "Bảng điểm", "Xem kết quả của lớp"),
        ("missing", "m", "Còn thiếu", "Từng em còn trống ô nào, ở kỳ nào cũng xem được"),
        ("issued", "p", "Đã phát hành", "Các tệp học bạ đã phát hành của lớp"),
        ("excel", "x", "Xuất Excel", "Ghi tệp Excel: cho CSDL ngành, bảng tổng hợp, danh sách, nhận xét"),
        ("assign", "g", "Phân công", "Giao chủ nhiệm hoặc một môn của lớp cho giáo viên khác"),
    ),
    *_actions(
        "roster",
        ("open", "enter", "Phiếu", "Xem toàn bộ học bạ của em đang chọn"),
        ("edit", "e", "Sửa", "Sửa thông tin của em đang chọn"),
        ("grid", "n", "Nhập kết quả", "Mở bảng nhập kết quả của lớp"),
        ("review", "r", "Rà soát", "Xem còn thiếu gì, có gì lạ"),
        ("intake", "i", "Nạp Excel", "Nạp danh sách lớp, kết quả hoặc nhận xét từ Excel"),
        ("excel", "x", "Xuất Excel", "Ghi tệp Excel: cho CSDL ngành, bảng tổng hợp, danh sách, nhận xét"),
        ("admit", "a", "Thêm em", "Thêm một học sinh mới, chưa có mã cũng được"),
        ("depart", "d", "Rời trường", "Em đang chọn chuyển đi hoặc thôi học"),
        ("come_back", "t", "Học lại", "Em đã rời trường nay học lại"),
        ("change_class", "c", "Chuyển lớp", "Em đang chọn sang lớp khác cùng khối, kết quả đi theo"),
    ),
    *_actions(
        "grid",
        ("gap", "n", "Ô trống", "Tới ô trống hoặc ô sai tiếp theo"),
        ("sheet", "s", "Môn", "Chọn môn hoặc bảng khác, gõ một phần tên"),
        ("period", "p", "Kỳ", "Chọn kỳ khác"),
        ("select", "b", "Khối", "Bắt đầu chọn khối, mũi tên để mở rộng, b để thôi mở (hoặc Shift+mũi tên)"),
        ("undo", "u,ctrl+z", "Hoàn tác", "Hoàn tác lần nhập của mình, cả của hôm trước"),
        ("find", "slash", "Tìm", "Tìm học sinh theo một phần tên, không cần dấu"),
        ("finding", "a", "Điều lạ", "Tới ô tiếp theo có điều cần xem lại, ở bảng này hay bảng khác"),
        ("review", "r", "Rà soát", "Xem còn thiếu gì, có gì lạ"),
        ("redo", "y,ctrl+y", "Làm lại", "Làm lại điều vừa hoàn tác"),
        ("again", "l", "KT lại", "Ghi kết quả kiểm tra lại, đánh giá bổ sung của ô này"),
        ("fill", "g,ctrl+d", "Giống trên", "Cả khối giống ô trên cùng; không có khối thì ô này giống ô trên"),
        ("before", "e,ctrl+e", "Kỳ trước", "Lấy giá trị của kỳ trước cho khối, hoặc cho các ô trống của cột"),
        ("empty", "o,ctrl+o", "Điền trống", "Điền một giá trị vào mọi ô trống của khối hoặc của cột"),
        ("copy", "f,ctrl+c", "Chép", "Chép khối (hoặc ô này) để dán vào Excel hay vào lớp khác"),
        ("paste", "j,ctrl+v", "Dán", "Dán những gì đã chép, bắt đầu từ ô này; xem trước rồi mới ghi"),
        ("clash", "equals_sign", "Chọn ≠", "Tới ô có dấu ≠ và chọn giá trị nào được giữ (hoặc Enter ở ô ấy)"),
        ("column", "q", "Cột", "Tới một cột của bảng, gõ một phần tên"),
        ("card", "k", "Phiếu", "Xem toàn bộ học bạ của em này"),
        ("missing", "m", "Còn thiếu", "Từng em còn trống ô nào ở kỳ này, do ai nhập"),
        ("intake", "i", "Nạp Excel", "Nạp kết quả hoặc nhận xét của lớp từ Excel"),
        ("direction", "v", "Hướng", "Con trỏ đi xuống hay sang phải sau khi nhập"),
    ),
    *_actions(
        "card",
        ("next", "n,right", "Em sau", "Sang học sinh tiếp theo"),
        ("previous", "b,left", "Em trước", "Về học sinh trước"),
        ("enter", "e", "Nhập", "Tới bảng nhập, đúng dòng của em này: môn học, phẩm chất, nhận xét, sức khỏe"),
        ("years", "q", "Quá trình", "Thêm, sửa các năm học trước trong quá trình học tập"),
    ),
    *_actions(
        "review",
        ("open", "enter", "Tới chỗ đó", "Tới đúng ô hoặc đúng em cần sửa"),
        ("errors", "l", "Lọc", "Chỉ hiện điều phải sửa, hoặc hiện tất cả"),
        ("submit", "k", "Nộp", "Sang màn hình ký và nộp học bạ"),
    ),
    *_actions(
        "missing",
        ("open", "enter", "Tới ô đó", "Tới ô trống đầu tiên của em đang chọn"),
        ("period", "p", "Kỳ", "Chọn kỳ khác"),
        ("mine", "l", "Của tôi", "Chỉ hiện ô của mình, hoặc hiện tất cả"),
        ("teachers", "t", "Theo GV", "Giáo viên nào còn ô trống ở môn nào"),
    ),
    *_actions(
        "owing",
        ("open", "enter", "Tới ô đó", "Tới ô trống đầu tiên của lớp và môn đang chọn"),
        ("period", "p", "Kỳ", "Chọn kỳ khác"),
    ),
    *_actions(
        "signing",
        ("sign", "k", "Ký", "Ký tất cả học bạ đang chờ ở màn hình này"),
        ("open", "enter", "Phiếu", "Xem toàn bộ học bạ của em đang chọn"),
        ("send_back", "t", "Trả lại", "Trả lại cho giáo viên, có ghi lí do (hiệu trưởng)"),
        *_BATCH,
    ),
    *_actions(
        "queue",
        ("open", "enter", "Mở lớp", "Mở lớp đang chọn để xem và ký"),
        ("sign", "k", "Ký tất cả", "Ký mọi học bạ đang chờ của tất cả các lớp, một lần gõ PIN"),
        *_BATCH,
    ),
    *_actions(
        "issued",
        ("open", "enter", "Kiểm tra", "Kiểm tra chữ ký của tệp đang chọn"),
        ("export", "x", "Chép ra", "Chép các tệp của lớp ra một thư mục"),
    ),
    *_actions(
        "outbox",
        ("send", "g", "Gửi", "Gửi các gói đang chờ và lấy kết quả"),
        ("open", "enter", "Kết quả", "Xem kết quả tiếp nhận của từng em"),
    ),
    *_actions(
        "verify",
        ("open", "enter", "Chi tiết", "Xem từng bước, người ký và nội dung của tệp đang chọn"),
        (
            "kind",
            "f3,ctrl+n",
            "Loại tệp",
            "Học bạ, hay tệp XML khác có chữ ký (tờ khai, hóa đơn, học bạ của phần mềm khác)",
        ),
        ("stop", "f4,ctrl+t", "Dừng", "Dừng kiểm tra; tệp nào đã có kết luận thì giữ nguyên"),
        ("filter", "l", "Lọc", "Chỉ hiện tệp không hợp lệ, tệp chưa kết luận được, hoặc tất cả"),
    ),
    *_actions(
        "verdict",
        ("next", "n,right", "Tệp sau", "Sang tệp tiếp theo"),
        ("previous", "b,left", "Tệp trước", "Về tệp trước"),
    ),
    *_actions(
        "statistics",
        ("sheet", "s", "Bảng", "Chọn bảng khác: kết quả, môn, điểm, phẩm chất, khen thưởng"),
        ("next", "n,right", "Sau", "Sang bảng tiếp theo: môn, phẩm chất, năng lực kế tiếp"),
        ("previous", "b,left", "Trước", "Về bảng trước"),
        ("period", "p", "Kỳ", "Chọn kỳ khác"),
        ("classes", "l", "Ẩn/hiện lớp", "Chỉ xem toàn trường và các khối, hoặc xem cả từng lớp"),
        ("export", "x", "Excel", "Ghi mọi bảng của kỳ ra tệp Excel"),
    ),
    *_actions(
        "intake",
        ("apply", "f2,ctrl+w", "Ghi", "Ghi những gì đã xem trước"),
        ("kind", "f3,ctrl+n", "Nạp gì", "Học sinh, kết quả, hay chỉ nhận xét"),
        ("period", "f4,ctrl+t", "Kỳ", "Chọn kỳ của kết quả trong tệp"),
        ("room", "f5,ctrl+l", "Lớp", "Chọn một lớp, hay mọi lớp trong tệp"),
        ("subject", "f6,ctrl+o", "Môn", "Môn của tệp mà tiêu đề cột không nói là môn nào"),
    ),
    *_actions("round", ("open_round", "m", "Mở đợt", "Mở đợt phát hành mới; người mở là người ký")),
    *_actions(
        "periods",
        ("open", "enter", "Mở/khóa", "Mở hoặc khóa kỳ đang chọn"),
        ("window", "h", "Hẹn ngày", "Hẹn ngày mở và ngày khóa của kỳ đang chọn"),
    ),
)


def actions_for(scope: str) -> tuple[Action, ...]:
    """Return the actions of a screen, its own first."""
    own = tuple(action for action in ACTIONS if action.scope == scope)
    return own + tuple(action for action in ACTIONS if action.scope == EVERYWHERE)


def bindings_for(scope: str) -> list[BindingType]:
    """Return the bindings of a screen's own actions, or of the app for EVERYWHERE."""
    return [
        Binding(
            action.key,
            action.id.partition(".")[2],
            action.label,
            id=action.id,
            tooltip=action.help,
            priority=action.id in _IN_DIALOGS_TOO,
        )
        for action in ACTIONS
        if action.scope == scope
    ]
