"""``hocba account``: list, add and change the accounts of the school."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command, desk_of, root_option, store_options, store_root
from hocba_tui.cli.common import confirm as asked
from hocba_tui.cli.school.account_apply import add_logins
from hocba_tui.cli.school.account_ask import add_asking, kind_option
from hocba_tui.cli.school.account_leave import add_leaving

if TYPE_CHECKING:
    from hocba_tui.flow.desk import Desk
    from hocba_tui.flow.proposals import Proposal
    from hocba_tui.flow.requested import Request


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
        "--roles",
        nargs="*",
        metavar="QUYỀN",
        help="teacher principal deputy clerk administrator observer",
    )
    save.add_argument("--system-user", metavar="TÊN", help="tên đăng nhập máy chủ")
    save.add_argument("--personal-id", metavar="SỐ", help="số định danh cá nhân, 12 chữ số")
    save.add_argument("--email", metavar="THƯ")
    save.add_argument("--sex", metavar="NAM|NỮ")
    save.add_argument("--birth", metavar="NGÀY/THÁNG/NĂM", help="ngày sinh")
    save.add_argument("--job", metavar="VỊ_TRÍ", help="vị trí việc làm")
    save.add_argument("--subjects", metavar="MÔN", help="môn dạy, mã hoặc tên, cách nhau bằng dấu phẩy")
    store_options(save)
    save.set_defaults(run=_save)
    for verb, summary, run in (
        ("proposals", "Xem quyền, tên đăng nhập, mật khẩu đang chờ người thứ hai xác nhận.", _proposals),
        ("confirm", "Xác nhận đề nghị của người khác: hiệu trưởng, phó hiệu trưởng, hoặc chính người ấy.", _confirm),
        ("withdraw", "Bỏ một đề nghị đang chờ, hoặc một yêu cầu máy chủ chưa làm.", _withdraw),
    ):
        about = "" if verb == "proposals" else " vanthu"
        added = command(verbs, verb, summary, f"hocba account {verb}{about} --store /srv/hocba")
        if about:
            added.add_argument("key", metavar="TÀI_KHOẢN")
            kind_option(added)
        store_options(added)
        added.set_defaults(run=run)
    _add_duties(verbs)
    add_asking(verbs)
    add_leaving(verbs)
    add_logins(verbs)
    recover = command(
        verbs,
        "recover",
        "Không còn hiệu trưởng, phó hiệu trưởng nào vào được kho, hoặc không còn ai quản lí được tài khoản: "
        "chủ thư mục kho, hoặc root, mở lại theo quyết định.",
        "sudo hocba account recover hieutruong --role principal --system-user hieutruong --decision '12/QĐ-UBND'",
    )
    recover.add_argument("key", metavar="TÀI_KHOẢN")
    recover.add_argument("--system-user", metavar="TÊN", required=True, help="tên đăng nhập có trên máy này")
    recover.add_argument("--decision", metavar="SỐ", required=True, help="số và ngày của quyết định")
    recover.add_argument("--role", choices=("principal", "deputy"), help="cấp quyền này theo quyết định ấy")
    root_option(recover)
    recover.set_defaults(run=_recover)


def _add_duties(verbs: Commands) -> None:
    give = command(
        verbs,
        "duty",
        "Giao việc tổ trưởng chuyên môn, tổ công tác theo quyết định, từ ngày nào đến hết ngày nào.",
        "hocba account duty gv.hoa group_head --grades 4 5 --since 05/09/2025 --until 31/05/2026 --decision '12/QĐ-TH'",
    )
    end = command(
        verbs,
        "end-duty",
        "Thôi giao việc ấy, từ hôm nay hoặc sau ngày cuối.",
        "hocba account end-duty gv.hoa group_head",
    )
    for verb in (give, end):
        verb.add_argument("key", metavar="TÀI_KHOẢN")
        verb.add_argument("role", metavar="VIỆC", help="group_head: tổ trưởng chuyên môn; working_group: tổ công tác")
        store_options(verb)
    give.add_argument("--since", required=True, metavar="NGÀY/THÁNG/NĂM", help="ngày đầu")
    give.add_argument("--until", required=True, metavar="NGÀY/THÁNG/NĂM", help="ngày cuối, hết ngày ấy thì thôi")
    give.add_argument("--decision", required=True, metavar="SỐ", help="số và ngày của quyết định")
    give.add_argument("--grades", nargs="+", type=int, default=(), metavar="KHỐI", help="các khối của tổ")
    give.add_argument("--subjects", nargs="+", default=(), metavar="MÔN", help="mã các môn của tổ, ví dụ NN1")
    give.set_defaults(run=_duty)
    end.add_argument("--last", default="", metavar="NGÀY/THÁNG/NĂM", help="ngày cuối; không ghi thì thôi từ hôm nay")
    end.set_defaults(run=_end_duty)


def _list(options: argparse.Namespace) -> int:
    from hocba_tui.flow.people.staff import everybody
    from hocba_tui.flow.school.duties import duties_in_words

    for found in everybody(desk_of(options)):
        person = found.staff
        login = f"đăng nhập {person.system_user}" if person.system_user else "chưa có tên đăng nhập"
        barred = f"; {found.standing.value}" if person.barred else ""
        print(f"{person.key}: {person.name}, {found.role_words}; {login}{barred}")
        for words in duties_in_words(person):
            print(f"  {words}")
        if person.recovered:
            print(f"  ! {person.recovered}")
    return 0


def _save(options: argparse.Namespace) -> int:
    from hocba_tui.flow.people.told import login_to_make, waits_in_words
    from hocba_tui.flow.school.accounts import WORDS, save_account

    typed = {name: getattr(options, name) for name in WORDS if getattr(options, name) is not None}
    saved = save_account(desk_of(options), options.key, typed)
    person = saved.person
    if waits := waits_in_words(saved):
        print(f"Tài khoản {person.key} ({person.name}): {waits}.")
        print(f"Hiệu trưởng, phó hiệu trưởng khác, hoặc chính người ấy: hocba account confirm {person.key}")
        if "roles" in saved.waiting and person.system_user:
            print(f"Tài khoản ấy vào bằng tên đăng nhập {person.system_user}: xem có đúng là của người ấy không.")
    else:
        print(f"Đã lưu tài khoản {person.key}: {person.name}.")
    if told := login_to_make(typed):
        print(told)
    return 0


def _duty(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.duties import TypedDuty, duty_in_words, give_duty

    names = ("role", "since", "until", "decision", "grades", "subjects")
    post = give_duty(desk_of(options), options.key, TypedDuty(**{name: getattr(options, name) for name in names}))
    print(f"Đã giao cho {options.key}: {duty_in_words(post)}.")
    return 0


def _end_duty(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.duties import duties_in_words, end_duty

    person = end_duty(desk_of(options), options.key, options.role, options.last)
    left = "; ".join(duties_in_words(person)) or "không còn việc nào"
    print(f"Đã thôi giao. {person.key} ({person.name}): {left}.")
    return 0


def _proposals(options: argparse.Namespace) -> int:
    from hocba_tui.flow.proposals import proposals
    from hocba_tui.flow.requested import waiting
    from hocba_tui.text import day_first

    desk = desk_of(options)
    everything: list[Proposal | Request] = [*proposals(desk), *waiting(desk)]
    for found in everything:
        print(f"{found.before.key} ({found.before.name}): {found.words}")
        print(f"  {found.by.name} ({found.by.key}) đề nghị; xác nhận được đến hết {day_first(found.last_day)}.")
        print(f"  {'Bạn xác nhận được.' if found.confirming.allowed else found.confirming.reason}")
    return 0


def _confirm(options: argparse.Namespace) -> int:
    from hocba_tui.flow.proposals import proposals, roles_in_words
    from hocba_tui.flow.school.confirming import confirm

    desk = desk_of(options)
    if options.kind:
        return _confirm_request(desk, options.key, options.kind)
    seen = next((found for found in proposals(desk) if found.before.key == options.key), None)
    if not _agreed(seen):
        return 0
    person = confirm(desk, options.key, seen)
    login = person.system_user or "không có"
    print(f"Đã xác nhận. {person.key} ({person.name}): {roles_in_words(person)}; tên đăng nhập: {login}.")
    return 0


def _confirm_request(desk: Desk, key: str, word: str) -> int:
    from hocba_tui.flow.requested import Kind, waiting
    from hocba_tui.flow.school.login_requests import confirm_request

    kind = Kind(word)
    seen = next((found for found in waiting(desk) if (found.before.key, found.kind) == (key, kind)), None)
    if _agreed(seen):
        found = confirm_request(desk, key, kind, seen)
        print(f"Đã xác nhận. Máy chủ làm cho {found.before.key} ({found.before.name}): {found.words}.")
    return 0


def _agreed(seen: Proposal | Request | None) -> bool:
    """Show a person at the keyboard what is confirmed, and ask; what cannot be confirmed is refused later."""
    if seen and seen.confirming.allowed and sys.stdin and sys.stdin.isatty():
        print(f"{seen.before.name} ({seen.before.key}), {seen.by.name} ({seen.by.key}) đề nghị: {seen.words}")
        if not asked("Xác nhận? (gõ 'c') ", "c"):
            print("Chưa đổi gì.")
            return False
    return True


def _withdraw(options: argparse.Namespace) -> int:
    from hocba_tui.flow.requested import Kind
    from hocba_tui.flow.school.confirming import withdraw
    from hocba_tui.flow.school.login_requests import withdraw_request

    desk = desk_of(options)
    found: Proposal | Request = (
        withdraw_request(desk, options.key, Kind(options.kind)) if options.kind else withdraw(desk, options.key)
    )
    print(f"Đã bỏ: {found.before.key} ({found.before.name}), {found.words}.")
    return 0


def _recover(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.recovering import recover_account
    from hocba_tui.model.values import Role

    role = Role(options.role) if options.role else None
    person = recover_account(store_root(options), options.key, options.system_user, options.decision, role)
    print(f"Tài khoản {person.key} ({person.name}) lại vào được kho bằng tên đăng nhập {person.system_user}.")
    print("Việc này đã được ghi vào nhật kí của kho, và hiện ra mỗi lần tài khoản ấy vào.")
    return 0
