"""Every action that a person can take, listed once: keys, footer, help and palette all use this list.

A key has one meaning on all pages. The value keys of the grid (t h c d đ, digits, comma, point) are commands on no
page, and what cannot be taken back has no letter: a letter may come from type-ahead or from an input method.
"""

from __future__ import annotations

from textual.binding import Binding, BindingType

from hocba_tui.screens.acts.desk import DESK
from hocba_tui.screens.acts.people import PEOPLE
from hocba_tui.screens.keys import LIST_KEY, Action, Meaning
from hocba_tui.screens.keys import listed_actions as _listed
from hocba_tui.screens.keys import own_actions as _actions

EVERYWHERE = "everywhere"
LISTS = "lists"
"""What works on every page whose cursor stands in a list of rows."""
LIST_SCOPES = {
    "home", "classes", "roster", "review", "missing", "owing", "signing", "queue", "issued", "outbox", "receipts",
    "periods", "proposals", "staff", "person", "assignments", "doctor", "activity", "help",
    "settings", "certificates", "pins",
}  # fmt: skip
TEXT_BOX_SCOPES = ("intake", "verify")
"""Pages whose cursor stands in a text box: their F2 to F6 mean what their own bar says."""
_IN_DIALOGS_TOO = {"everywhere.typing"}


def _stop(scope: str) -> Action:
    told = "Dừng sau học bạ đang ký, hỏi trước; phần còn lại ký lúc khác"
    return Action(f"{scope}.stop", "", Meaning.LEAVE, "Dừng", told, scope, "escape")


_M = Meaning

ACTIONS: tuple[Action, ...] = (
    *_actions(
        EVERYWHERE,
        ("leave", "escape", _M.LEAVE, "Về", "Quay lại màn hình trước"),
        ("help", "question_mark,f1", _M.HELP, "Trợ giúp", "Các phím dùng được ở đây"),
        ("palette", "ctrl+p,colon", _M.PALETTE, "Lệnh", "Gõ tên việc muốn làm"),
        ("close", "f10,ctrl+q", _M.CLOSE, "Thoát", "Thoát chương trình; mọi thứ đã lưu"),
        (
            "typing",
            "f9,ctrl+r",
            _M.TYPING,
            "Gõ dấu",
            "Đổi cách gõ tiếng Việt: tắt, Telex, VNI (khi máy không có Unikey)",
        ),
        ("saved", "ctrl+s", _M.SAVED, "Đã lưu?", "Nói những gì đã lưu và lúc nào; không cần bấm để lưu"),
    ),
    Action(
        "everywhere.ring",
        "",
        _M.PALETTE,
        "Chuông",
        "Bật, tắt tiếng chuông khi một phím không dùng được",
        EVERYWHERE,
        "ctrl+p,colon",
    ),
    Action(
        "everywhere.end_others",
        "",
        _M.PALETTE,
        "Đóng ở nơi khác",
        "Đóng phiên mà bạn còn mở ở nơi khác; chỗ đang làm ở đó được nhớ",
        EVERYWHERE,
        "ctrl+p,colon",
    ),
    Action(
        "everywhere.own_log",
        "",
        _M.PALETTE,
        "Nhật ký của tôi",
        "Tài khoản này đã làm gì, vào từ đâu; ai đã làm gì với nó",
        EVERYWHERE,
        "ctrl+p,colon",
    ),
    *_actions(
        LISTS,
        ("find", "slash", _M.FIND, "Tìm", "Tới một dòng theo một phần chữ của nó, không cần dấu"),
        ("step", "space", _M.STEP, "Dòng sau", "Sang dòng sau, không làm gì; khi đang ký: tạm dừng, ký tiếp"),
    ),
    *_actions("home", ("open", "enter", _M.OPEN, "Mở", "Mở việc đang chọn")),
    *_actions(
        "classes",
        ("open", "enter", _M.OPEN, "Danh sách", "Mở danh sách lớp"),
        ("review", "r", _M.REVIEW, "Rà soát", "Xem còn thiếu gì, có gì lạ"),
        ("grid", "n", _M.NEXT, "Bảng điểm", "Tới bảng nhập, ở ô trống đầu tiên của lớp"),
        ("missing", "m", _M.MISSING, "Còn thiếu", "Từng em còn trống ô nào, ở kỳ nào cũng xem được"),
        ("intake", "i", _M.BRING_IN, "Nạp Excel", "Nạp danh sách lớp, kết quả hoặc nhận xét từ Excel"),
        ("excel", "x", _M.WRITE_OUT, "Xuất Excel", "Ghi tệp Excel: cho CSDL ngành, bảng tổng hợp, danh sách, nhận xét"),
    ),
    *_listed(
        "classes",
        "Phân công, thêm lớp, sửa lớp, tệp đã phát hành",
        ("assign", "Phân công", "Ai chủ nhiệm, ai dạy môn nào, từ bao giờ"),
        ("add", "Thêm lớp", "Thêm một lớp; hỏi lại trước khi ghi"),
        ("change", "Sửa lớp", "Khối, lớp ghép, mã lớp, môn tự chọn"),
        ("issued", "Tệp đã phát hành", "Các tệp học bạ đã phát hành của lớp"),
    ),
    *_actions(
        "roster",
        ("open", "enter", _M.OPEN, "Phiếu", "Xem toàn bộ học bạ của em đang chọn"),
        ("edit", "e", _M.EDIT, "Sửa", "Sửa thông tin của em đang chọn"),
        ("grid", "n", _M.NEXT, "Nhập kết quả", "Tới bảng nhập, ở ô trống đầu tiên của em đang chọn hoặc của lớp"),
        ("review", "r", _M.REVIEW, "Rà soát", "Xem còn thiếu gì, có gì lạ"),
    ),
    *_listed(
        "roster",
        "Thêm em, rời trường, học lại, chuyển lớp",
        ("admit", "Thêm em", "Thêm một học sinh mới, chưa có mã cũng được"),
        ("depart", "Rời trường", "Em đang chọn chuyển đi hoặc thôi học; hỏi lại trước khi ghi"),
        ("come_back", "Học lại", "Em đã rời trường nay học lại"),
        ("change_class", "Chuyển lớp", "Em đang chọn sang lớp khác cùng khối, kết quả đi theo"),
        ("log", "Nhật ký", "Ai đã sửa, xuất, ký, gửi gì của em đang chọn, hoặc của cả lớp"),
    ),
    *_actions(
        "roster",
        ("intake", "i", _M.BRING_IN, "Nạp Excel", "Nạp danh sách lớp, kết quả hoặc nhận xét từ Excel"),
        ("excel", "x", _M.WRITE_OUT, "Xuất Excel", "Ghi tệp Excel: cho CSDL ngành, bảng tổng hợp, danh sách, nhận xét"),
        ("missing", "m", _M.MISSING, "Còn thiếu", "Từng em còn trống ô nào, ở kỳ nào cũng xem được"),
        ("card", "k", _M.CARD, "Phiếu", "Xem toàn bộ học bạ của em đang chọn, như Enter"),
    ),
    *_actions(
        "grid",
        ("gap", "n", _M.NEXT, "Ô trống", "Tới ô trống hoặc ô sai tiếp theo"),
        ("sheet", "s", _M.SHEET, "Môn", "Chọn môn hoặc bảng khác, gõ một phần tên"),
        ("period", "p", _M.PERIOD, "Kỳ", "Chọn kỳ khác"),
        ("select", "b", _M.BLOCK, "Khối", "Bắt đầu chọn khối, mũi tên để mở rộng, b để thôi mở (hoặc Shift+mũi tên)"),
        ("undo", "u,ctrl+z", _M.UNDO, "Hoàn tác", "Hoàn tác lần nhập của mình, cả của hôm trước"),
        ("find", "slash", _M.FIND, "Tìm", "Tìm học sinh theo một phần tên, không cần dấu"),
        ("finding", "a", _M.ODD, "Điều lạ", "Tới ô tiếp theo có điều cần xem lại, ở bảng này hay bảng khác"),
        ("review", "r", _M.REVIEW, "Rà soát", "Xem còn thiếu gì, có gì lạ"),
        ("redo", "y,ctrl+y", _M.REDO, "Làm lại", "Làm lại điều vừa hoàn tác"),
        ("edit", "e", _M.EDIT, "KT lại", "Ghi kết quả kiểm tra lại, đánh giá bổ sung của ô này; nhận xét: soạn"),
        (
            "fill",
            "g,ctrl+d",
            _M.AS_ABOVE,
            "Giống trên",
            "Cả khối giống ô trên cùng; không có khối thì ô này giống ô trên",
        ),
        (
            "empty",
            "o,ctrl+o",
            _M.EMPTY,
            "Điền trống",
            "Điền khối hoặc cột: một giá trị cho mọi ô trống, hay như kỳ trước",
        ),
        ("copy", "f,ctrl+c", _M.COPY, "Chép", "Chép khối (hoặc ô này) để dán vào Excel hay vào lớp khác"),
        ("paste", "j,ctrl+v", _M.PASTE, "Dán", "Dán những gì đã chép, bắt đầu từ ô này; xem trước rồi mới ghi"),
        (
            "clash",
            "equals_sign",
            _M.CHOOSE,
            "Chọn ≠",
            "Tới ô có dấu ≠ và chọn giá trị nào được giữ (hoặc Enter ở ô ấy)",
        ),
        ("column", "q", _M.COLUMN, "Cột", "Tới một cột của bảng, gõ một phần tên"),
        ("card", "k", _M.CARD, "Phiếu", "Xem toàn bộ học bạ của em này"),
        ("missing", "m", _M.MISSING, "Còn thiếu", "Từng em còn trống ô nào ở kỳ này, do ai nhập"),
        ("intake", "i", _M.BRING_IN, "Nạp Excel", "Nạp kết quả hoặc nhận xét của lớp từ Excel"),
        ("direction", "v", _M.DIRECTION, "Hướng", "Sau khi nhập, con trỏ đi xuống, sang phải, hay đợi Enter"),
    ),
    *_actions(
        "card",
        ("next", "right,space", _M.STEP, "Em sau", "Sang học sinh tiếp theo"),
        ("previous", "left", _M.BACK, "Em trước", "Về học sinh trước"),
        ("enter", "e", _M.EDIT, "Nhập", "Tới bảng nhập, đúng dòng của em này: môn học, phẩm chất, nhận xét, sức khỏe"),
    ),
    *_listed(
        "card",
        "Quá trình các năm học trước",
        ("years", "Quá trình các năm", "Thêm, sửa các năm học trước trong quá trình học tập"),
    ),
    *_actions(
        "review",
        ("submit", "f7,ctrl+k", _M.DO, "Nộp", "Sang màn hình ký và nộp học bạ"),
        ("open", "enter", _M.OPEN, "Tới chỗ đó", "Tới đúng ô hoặc đúng em cần sửa"),
        ("error", "n", _M.NEXT, "Điều sai", "Tới dòng tiếp theo phải sửa"),
        ("errors", "l", _M.FILTER, "Lọc", "Chỉ hiện điều phải sửa, hoặc hiện tất cả"),
        ("edit", "e", _M.EDIT, "Sửa", "Tới đúng ô hoặc đúng em cần sửa, như Enter"),
    ),
    *_actions(
        "missing",
        ("open", "enter", _M.OPEN, "Tới ô đó", "Tới ô trống đầu tiên của em đang chọn"),
        ("period", "p", _M.PERIOD, "Kỳ", "Chọn kỳ khác"),
        ("mine", "l", _M.FILTER, "Lọc", "Lần lượt: mọi ô, chỉ ô của tôi, theo giáo viên"),
        ("edit", "e", _M.EDIT, "Sửa", "Tới ô trống đầu tiên của em đang chọn, như Enter"),
    ),
    Action("missing.teachers", "", Meaning.FILTER, "Theo GV", "Giáo viên nào còn ô trống ở môn nào", "missing", "l"),
    *_actions(
        "owing",
        ("open", "enter", _M.OPEN, "Tới ô đó", "Tới ô trống đầu tiên của lớp và môn đang chọn"),
        ("period", "p", _M.PERIOD, "Kỳ", "Chọn kỳ khác"),
        ("edit", "e", _M.EDIT, "Sửa", "Tới ô trống đầu tiên của dòng, như Enter"),
    ),
    *_actions(
        "signing",
        ("sign", "f7,ctrl+k", _M.DO, "Ký", "Ký mọi học bạ sẵn sàng ở đây: hỏi lại một lần, rồi hỏi mã PIN"),
        ("send_back", "f8,ctrl+g", _M.REFUSE, "Trả lại", "Trả lại cho giáo viên, có ghi lí do (hiệu trưởng)"),
        ("open", "enter", _M.OPEN, "Phiếu", "Xem toàn bộ học bạ của em đang chọn"),
        ("staying", "n", _M.NEXT, "Để lại", "Tới em tiếp theo có lí do để lại"),
    ),
    _stop("signing"),
    *_actions(
        "queue",
        ("sign", "f7,ctrl+k", _M.DO, "Ký tất cả", "Chỉ sau khi mở dòng Tất cả: ký mọi lớp ở đó, một lần gõ PIN"),
        ("open", "enter", _M.OPEN, "Mở lớp", "Mở lớp đang chọn để xem và ký; dòng Tất cả: mọi lớp đang chờ"),
    ),
    _stop("queue"),
    *_actions(
        "issued",
        ("open", "enter", _M.OPEN, "Kiểm tra", "Kiểm tra chữ ký của tệp đang chọn"),
        ("export", "x", _M.WRITE_OUT, "Chép ra", "Chép các tệp của lớp ra một thư mục"),
    ),
    *_actions(
        "outbox",
        ("send", "f7,ctrl+k", _M.DO, "Gửi", "Gửi các gói đang chờ và lấy kết quả; hỏi lại một lần"),
        ("open", "enter", _M.OPEN, "Kết quả", "Xem kết quả tiếp nhận của từng em"),
    ),
    *_actions(
        "proposals",
        ("confirm", "f7,ctrl+k", _M.DO, "Xác nhận", "Là người thứ hai, xác nhận đề nghị đang chọn; hỏi lại một lần"),
    ),
    *_listed(
        "proposals",
        "Bỏ đề nghị",
        ("withdraw", "Bỏ đề nghị", "Bỏ đề nghị đang chọn; hỏi lại một lần"),
    ),
    *_actions(
        "verify",
        ("open", "enter", _M.OPEN, "Chi tiết", "Xem từng bước, người ký và nội dung của tệp đang chọn"),
        (
            "kind",
            LIST_KEY,
            _M.OWN,
            "Loại tệp",
            "Học bạ, hay tệp XML khác có chữ ký (tờ khai, hóa đơn, học bạ của phần mềm khác)",
        ),
        ("stop", "f4,ctrl+t", _M.OWN, "Dừng", "Dừng kiểm tra; tệp nào đã có kết luận thì giữ nguyên"),
        ("filter", "l", _M.FILTER, "Lọc", "Chỉ hiện tệp không hợp lệ, tệp chưa kết luận được, hoặc tất cả"),
    ),
    *_actions(
        "verdict",
        ("next", "right,space", _M.STEP, "Tệp sau", "Sang tệp tiếp theo"),
        ("previous", "left", _M.BACK, "Tệp trước", "Về tệp trước"),
        ("report", "x", _M.WRITE_OUT, "Báo cáo", "Ghi kết luận về tệp này ra một tệp chữ, để lưu hay in"),
    ),
    *_listed(
        "verdict",
        "Ghim con dấu của trường đã đóng dấu tệp này",
        ("pin", "Ghim con dấu", "Sau khi so dãy SHA-256 với trường ấy qua điện thoại; tệp được kiểm tra lại"),
    ),
    *_actions(
        "statistics",
        ("sheet", "s", _M.SHEET, "Bảng", "Chọn bảng khác: kết quả, môn, điểm, phẩm chất, khen thưởng"),
        ("next", "right,space", _M.STEP, "Sau", "Sang bảng tiếp theo: môn, phẩm chất, năng lực kế tiếp"),
        ("previous", "left", _M.BACK, "Trước", "Về bảng trước"),
        ("period", "p", _M.PERIOD, "Kỳ", "Chọn kỳ khác"),
        ("classes", "l", _M.FILTER, "Ẩn/hiện lớp", "Chỉ xem toàn trường và các khối, hoặc xem cả từng lớp"),
        ("export", "x", _M.WRITE_OUT, "Excel", "Ghi mọi bảng của kỳ ra tệp Excel"),
    ),
    *_actions(
        "intake",
        ("apply", "f2,ctrl+w", _M.FINISH, "Ghi", "Ghi những gì đã xem trước"),
        ("kind", LIST_KEY, _M.OWN, "Nạp gì", "Học sinh, kết quả, nhận xét, hay kết quả của kỳ đã qua"),
        ("period", "f4,ctrl+t", _M.OWN, "Kỳ", "Chọn kỳ của kết quả trong tệp"),
        ("room", "f5,ctrl+l", _M.OWN, "Lớp", "Chọn một lớp, hay mọi lớp trong tệp"),
        ("subject", "f6,ctrl+o", _M.OWN, "Môn", "Môn của tệp mà tiêu đề cột không nói là môn nào"),
        ("filter", "l", _M.FILTER, "Lọc", "Ở bảng xem trước: chỉ điều cần xem, chỉ những gì sẽ đổi, hoặc tất cả"),
        ("excel", "x", _M.WRITE_OUT, "Xuất Excel", "Ghi bảng xem trước ra Excel, điều cần xem ở một cột"),
        ("undo", "u,ctrl+z", _M.UNDO, "Hoàn tác", "Hoàn tác cả lần nạp tệp cuối cùng của mình; hỏi lại trước"),
    ),
    *_actions("round", ("open_round", "f7,ctrl+k", _M.DO, "Mở đợt", "Mở đợt phát hành mới; người mở là người ký")),
    *_actions("periods", ("open", "enter", _M.OPEN, "Mở/khóa", "Mở hoặc khóa kỳ đang chọn")),
    *_listed(
        "periods",
        "Hẹn ngày cho kỳ đang chọn",
        ("window", "Hẹn ngày", "Hẹn ngày mở và ngày khóa của kỳ đang chọn"),
    ),
    *DESK,
    *PEOPLE,
    *_actions(
        "activity",
        ("open", "enter", _M.OPEN, "Chi tiết", "Ai, lúc nào, vào từ đâu, đổi gì thành gì"),
        ("what", "l", _M.FILTER, "Lọc việc", "Chỉ một loại việc: sửa, xem, xuất, ký, gửi, vào ra…"),
    ),
    *_listed(
        "activity",
        "Tìm theo ngày, người, lớp, học sinh; đọc lại",
        ("days", "Theo ngày", "Chỉ một ngày, hoặc từ ngày đến ngày"),
        ("person", "Theo người", "Chỉ việc của một người, hoặc nói tới người ấy"),
        ("room", "Theo lớp", "Chỉ việc ở một lớp"),
        ("pupil", "Theo học sinh", "Chỉ việc về một em, theo mã học sinh"),
        ("everything", "Bỏ lọc", "Xem mọi việc mà bạn được đọc"),
        ("again", "Đọc lại", "Đọc nhật ký một lần nữa"),
    ),
)

PLACES = {
    EVERYWHERE: "mọi nơi", LISTS: "mọi danh sách", "home": "việc hôm nay",
    "classes": "các lớp", "roster": "danh sách lớp", "grid": "bảng nhập",
    "card": "phiếu", "review": "rà soát", "missing": "còn thiếu", "owing": "còn thiếu theo giáo viên",
    "signing": "ký một lớp", "queue": "các lớp chờ ký", "issued": "đã phát hành", "outbox": "hộp gửi",
    "verify": "kiểm tra tệp", "verdict": "kết luận một tệp", "statistics": "thống kê", "intake": "nạp Excel",
    "round": "đợt phát hành", "periods": "các kỳ", "proposals": "quyền chờ người thứ hai",
    "settings": "trường", "doctor": "tình trạng máy chủ", "certificates": "chứng thư số",
    "pins": "đã ghim",
    "staff": "cán bộ, tài khoản", "person": "thẻ của một cán bộ", "assignments": "phân công",
    "activity": "nhật ký",
}  # fmt: skip
"""What the manual calls each page."""

OLD_KEYS: dict[str, dict[str, str]] = {
    "classes": {"p": "F3", "g": "F3"},
    "roster": {"a": "F3", "d": "F3", "t": "F3", "c": "F3"},
    "grid": {"l": "e", "ctrl+e": "o"},
    "card": {"n": "→", "b": "←", "q": "F3"},
    "review": {"k": "F7"},
    "missing": {"t": "l"},
    "signing": {"k": "F7", "t": "F8", "p": "Space", "d": "Esc"},
    "queue": {"k": "F7", "p": "Space", "d": "Esc"},
    "outbox": {"g": "F7"},
    "verdict": {"n": "→", "b": "←"},
    "statistics": {"n": "→", "b": "←"},
    "round": {"m": "F7"},
    "periods": {"h": "F3"},
}
"""Keys of the version before and what they are now; for one version they say so and do nothing."""


def actions_for(scope: str) -> tuple[Action, ...]:
    """Return the actions of a screen: its own, those of its list, those that work everywhere."""
    scopes = [scope, *([LISTS] if scope in LIST_SCOPES else []), EVERYWHERE]
    return tuple(action for own in scopes for action in ACTIONS if action.scope == own)


def bindings_for(scope: str) -> list[BindingType]:
    """Return the bindings of a screen's own actions, or of the app for EVERYWHERE; capitals do as small letters."""
    return [
        Binding(
            ",".join(both for key in action.key.split(",") for both in _with_capital(key)),
            f"final('{action.name}')" if action.final else action.name,
            action.label,
            id=action.id,
            tooltip=action.help,
            priority=action.id in _IN_DIALOGS_TOO,
        )
        for action in ACTIONS
        if action.scope == scope and action.key
    ]


def _with_capital(key: str) -> tuple[str, ...]:
    return (key, key.upper()) if len(key) == 1 else (key,)
