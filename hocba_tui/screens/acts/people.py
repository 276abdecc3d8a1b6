"""The actions of the pages about the people of the school: a part of the table of all actions."""

from __future__ import annotations

from hocba_tui.screens.keys import Meaning, listed_actions, own_actions

PEOPLE = (
    *own_actions(
        "staff",
        (
            "open",
            "enter",
            Meaning.OPEN,
            "Thẻ",
            "Mọi điều về người đang chọn: quyền, phân công, tên đăng nhập; sửa ở đó",
        ),
        ("filter", "l", Meaning.FILTER, "Lọc", "Lần lượt: mọi người, đang làm, chưa vào được, đã nghỉ"),
        ("intake", "i", Meaning.BRING_IN, "Nạp Excel", "Nạp danh sách cán bộ (tệp CSDL_GiaoVien)"),
    ),
    *listed_actions(
        "staff",
        "Thêm người, gắn tên đăng nhập, đề nghị đang chờ",
        ("add", "Thêm người", "Thêm một tài khoản; hỏi lại trước khi ghi"),
        ("logins", "Tên đăng nhập", "Gắn tên đăng nhập cho mọi người chưa có; hỏi lại"),
        ("proposals", "Đề nghị", "Những gì đang chờ người thứ hai xác nhận"),
    ),
    *own_actions(
        "person", ("edit", "e", Meaning.EDIT, "Sửa", "Sửa họ tên, chức vụ, ngày sinh, số định danh, email, môn dạy")
    ),
    *listed_actions(
        "person",
        "Quyền, tên đăng nhập, việc được giao, rời trường",
        ("roles", "Quyền", "Cấp, bỏ; có quyền phải chờ người thứ hai"),
        ("login", "Tên đăng nhập", "Gắn, đổi, bỏ tên đăng nhập máy chủ"),
        ("ask_machine", "Nhờ máy chủ", "Tạo đăng nhập, mật khẩu mới, mở khóa"),
        ("duty", "Giao việc", "Tổ trưởng, tổ công tác, theo quyết định"),
        ("end_duty", "Thôi giao việc", "Thôi từ hôm nay, hoặc sau một ngày"),
        ("leave_school", "Rời trường", "Từ một ngày; việc đã làm vẫn ghi tên"),
        ("come_back", "Trở lại", "Mở lại tài khoản của người đã rời trường"),
        ("switch_off", "Tạm khóa", "Khóa tài khoản, có lí do; phân công vẫn giữ"),
        ("switch_on", "Mở khóa", "Mở lại tài khoản đang tạm khóa"),
        ("proposals", "Đề nghị", "Những gì đang chờ người thứ hai xác nhận"),
    ),
    *own_actions(
        "assignments",
        ("open", "enter", Meaning.OPEN, "Từ bao giờ", "Ai giữ việc đang chọn, từ ngày nào đến ngày nào"),
        (
            "edit",
            "e",
            Meaning.EDIT,
            "Giao lại",
            "Giao việc đang chọn cho người khác, từ một ngày; hỏi lại trước khi ghi",
        ),
        ("filter", "l", Meaning.FILTER, "Lọc", "Lần lượt: mọi việc, việc chưa có người, chủ nhiệm và môn giao riêng"),
    ),
    *listed_actions(
        "assignments",
        "Giao một môn ở nhiều lớp",
        ("several", "Nhiều lớp", "Giao môn đang chọn ở nhiều lớp cho một người"),
    ),
)
