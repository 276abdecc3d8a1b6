"""The actions of the pages of the school's desk: a part of the table of all actions."""

from __future__ import annotations

from hocba_tui.screens.keys import Meaning, listed_actions, own_actions

DESK = (
    *own_actions("certificates", ("open", "enter", Meaning.OPEN, "Xem", "Đến bao giờ, và dãy SHA-256 để so")),
    *listed_actions(
        "certificates",
        "Đăng ký token đang cắm, xem những gì đã ghim",
        ("register", "Đăng ký", "Token đang cắm là của dòng này; hỏi lại"),
        ("pins", "Đã ghim", "Con dấu của trường nào, nơi cấp nào được tin"),
    ),
    *own_actions("pins", ("open", "enter", Meaning.OPEN, "Xem", "Dãy SHA-256, nơi cấp, hiệu lực, ai đã ghim")),
    *listed_actions(
        "pins",
        "Ghim từ một tệp, gỡ ghim",
        ("add", "Ghim từ một tệp", "Sau khi so dãy SHA-256 qua điện thoại"),
        ("remove", "Gỡ ghim", "Thôi tin chứng thư đang chọn; hỏi lại"),
    ),
    *own_actions("doctor", ("open", "enter", Meaning.OPEN, "Xem cả dòng", "Toàn bộ dòng đang chọn, và việc cần làm")),
    *listed_actions(
        "doctor",
        "Sao lưu ngay, kiểm tra kho",
        ("backup", "Sao lưu ngay", "Ghi một bản mã hóa, mọi người vẫn làm việc"),
        ("check", "Kiểm tra kho", "Đọc, đối chiếu mọi bản ghi; chỉ đọc"),
    ),
    *own_actions(
        "settings", ("open", "enter", Meaning.OPEN, "Sửa", "Sửa mục đang chọn; mục nào đổi cả học bạ thì hỏi lại trước")
    ),
    *listed_actions("settings", "Hoàn tác", ("undo", "Hoàn tác", "Trả về giá trị trước; hỏi lại một lần")),
)
