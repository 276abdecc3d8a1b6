"""``hocba class``: list, add and change the classes of the school year."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, command, desk_of, store_options


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "class",
        "Các lớp của năm học: xem, thêm, sửa.",
        "hocba class save 1A --grade 1 --optional NN1 --store /srv/hocba",
    )
    verbs = added.add_subparsers(dest="verb", metavar="VIỆC", required=True)
    show = command(verbs, "list", "Xem các lớp.", "hocba class list --store /srv/hocba")
    store_options(show)
    show.set_defaults(run=_list)
    save = command(verbs, "save", "Thêm một lớp, hoặc sửa lớp đã có.", "hocba class save 2C --grade 2 --combined 4")
    save.add_argument("key", metavar="LỚP", help="tên lớp, ví dụ 1A")
    save.add_argument("--grade", type=int, metavar="KHỐI")
    save.add_argument("--combined", type=int, nargs="*", metavar="KHỐI", help="các khối khác của lớp ghép")
    save.add_argument("--code", metavar="MÃ", help="mã lớp trên CSDL ngành")
    save.add_argument("--optional", nargs="*", metavar="MÔN", help="môn tự chọn mà lớp học: NN1, TDT")
    save.add_argument("--tested", nargs="*", metavar="MÔN", help="môn tự chọn có bài kiểm tra theo quy định của tỉnh")
    save.add_argument("--reason", default="", metavar="LÍ_DO", help="khi bỏ môn đã có kết quả: chỉ hiệu trưởng, phó")
    store_options(save)
    save.set_defaults(run=_save)


def _list(options: argparse.Namespace) -> int:
    desk = desk_of(options)
    for classroom in desk.my_classes():
        homeroom = desk.staff(classroom.homeroom).name or "chưa phân công"
        extra = f", tự chọn: {' '.join(classroom.optional)}" if classroom.optional else ""
        grades = "+".join(str(grade) for grade in classroom.grades)
        print(f"{classroom.key}: khối {grades}, GVCN {homeroom}, {len(desk.pupils(classroom.key))} em{extra}")
    return 0


def _save(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.classes import save_class

    names = ("grade", "combined", "code", "optional", "tested")
    typed = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    classroom = save_class(desk_of(options), options.key, typed, options.reason)
    print(f"Đã lưu lớp {classroom.key}, khối {'+'.join(str(grade) for grade in classroom.grades)}.")
    return 0
