"""``hocba account``: list, add and change the accounts of the school."""

from __future__ import annotations

import argparse

from hocba_tui.cli.common import Commands, command, desk_of, root_option, store_options, store_root


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "account",
        "Tài khoản của trường: xem, thêm, sửa, cấp quyền.",
        "hocba account save gv.hoa --name 'Phạm Thị Hoa' --roles teacher --system-user hoa --store /srv/hocba",
    )
    verbs = added.add_subparsers(dest="verb", metavar="VIỆC", required=True)
    show = command(verbs, "list", "Xem các tài khoản.", "hocba account list --store /srv/hocba")
    store_options(show)
    show.set_defaults(run=_list)
    save = command(verbs, "save", "Thêm hoặc sửa một tài khoản.", "hocba account save vanthu --roles clerk")
    save.add_argument("key", metavar="TÀI_KHOẢN")
    save.add_argument("--name", metavar="HỌ_TÊN")
    save.add_argument("--title", metavar="CHỨC_VỤ", help="như in trong học bạ: Giáo viên, Hiệu trưởng…")
    save.add_argument(
        "--roles", nargs="*", metavar="QUYỀN", help="teacher principal deputy clerk administrator observer"
    )
    save.add_argument("--system-user", metavar="TÊN", help="tên đăng nhập máy chủ")
    save.add_argument("--personal-id", metavar="SỐ", help="số định danh cá nhân, 12 chữ số")
    save.add_argument("--email", metavar="THƯ")
    store_options(save)
    save.set_defaults(run=_save)
    recover = command(
        verbs,
        "recover",
        "Không ai quản lí được tài khoản nữa: chủ thư mục kho, hoặc root, gắn lại tên đăng nhập cho một tài khoản.",
        "sudo hocba account recover quantri --system-user quantri --store /srv/hocba",
    )
    recover.add_argument("key", metavar="TÀI_KHOẢN")
    recover.add_argument("--system-user", metavar="TÊN", required=True, help="tên đăng nhập có trên máy này")
    root_option(recover)
    recover.set_defaults(run=_recover)


def _list(options: argparse.Namespace) -> int:
    from hocba_tui.model.values import Role
    from hocba_tui.rules.permits import Act

    desk = desk_of(options)
    desk.require(Act.MANAGE_STAFF)
    for person in desk.everybody():
        roles = ", ".join(Role(role).label for role in person.roles) or "không có quyền"
        login = f"đăng nhập {person.system_user}" if person.system_user else "chưa có tên đăng nhập"
        print(f"{person.key}: {person.name}, {roles}; {login}{'; đã nghỉ' if person.left else ''}")
    return 0


def _save(options: argparse.Namespace) -> int:
    from hocba_tui.flow.opening import login_exists
    from hocba_tui.flow.school.accounts import save_account

    names = ("name", "title", "roles", "system_user", "personal_id", "email")
    typed = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    person = save_account(desk_of(options), options.key, typed)
    print(f"Đã lưu tài khoản {person.key}: {person.name}.")
    if typed.get("system_user") and not login_exists(person.system_user):
        print(f"Máy này chưa có tên đăng nhập {person.system_user}; tạo người dùng ấy thì {person.key} mới vào được.")
    return 0


def _recover(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.recovering import recover_account

    person = recover_account(store_root(options), options.key, options.system_user)
    print(f"Tài khoản {person.key} ({person.name}) lại vào được kho bằng tên đăng nhập {person.system_user}.")
    print("Việc này đã được ghi vào nhật kí của kho.")
    return 0
