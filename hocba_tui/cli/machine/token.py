"""``hocba token``: list the tokens that are plugged in, and register the certificates with which people sign."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command, desk_of, root_option, store_options, store_root
from hocba_tui.config import Config
from hocba_tui.errors import Refused

if TYPE_CHECKING:
    from hocba_tui.flow.desk import Desk
    from hocba_tui.flow.records.register_certificate import SeenCertificate


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "token",
        "Token ký số: xem token đang cắm, đăng ký chứng thư. Không bao giờ hỏi PIN.",
        "hocba token list --store /srv/hocba",
    )
    verbs = added.add_subparsers(dest="verb", metavar="VIỆC", required=True)
    show = command(verbs, "list", "Xem thư viện, token và chứng thư đang cắm.", "hocba token list")
    store_options(show)
    show.set_defaults(run=_list)
    register = command(
        verbs,
        "register",
        "Đăng ký chứng thư trên token đang cắm cho mình, cho tài khoản khác hoặc cho con dấu.",
        "hocba token register 3f9a62c1 --store /srv/hocba",
    )
    register.add_argument("certificate", metavar="MÃ", help="mã mà hocba token list in ra; gõ phần đầu cũng được")
    whose = register.add_mutually_exclusive_group()
    whose.add_argument("--for", dest="whose", metavar="TÀI_KHOẢN", help="cho tài khoản này (ban giám hiệu, quản trị)")
    whose.add_argument("--seal", action="store_true", help="đây là con dấu của trường")
    store_options(register)
    register.set_defaults(run=_register)
    check = command(
        verbs, "check", "Chứng thư đã đăng ký nào hết hạn trong 30 ngày, hoặc trước hạn nộp. Hợp với cron.",
        "hocba token check --store /srv/hocba",
    )  # fmt: skip
    check.add_argument("--quiet", action="store_true", help="chỉ in khi có chứng thư sắp hết hạn")
    root_option(check)
    check.set_defaults(run=_check)


def _list(options: argparse.Namespace) -> int:
    """Print modules, tokens and certificates; exit 1 when there is no module or no token."""
    import asyncio

    from hocba_tui.flow.records.register_certificate import forwarding_words, look_at_tokens

    config = Config.from_environment(options.store)
    desk = desk_of(options) if config.store else None
    # One module often has several names.
    modules = list({module.resolve(): module for module in config.modules if module.exists()}.values())
    for module in modules:
        print(f"Thư viện {module}")
    for problem in forwarding_words():
        print(problem)
    if not modules:
        raise Refused("Không thấy thư viện PKCS#11 nào.", "Cài trình điều khiển token, hoặc đặt HOCBA_PKCS11.", "")
    found = asyncio.run(look_at_tokens(desk, modules))
    for seen in found:
        token = seen.token
        tries = f" · {token.tries.upper()}" if token.tries else ""
        print(f"\nToken “{token.label}” ({token.maker} {token.model}, số {token.serial}){tries}")
        print(f"  qua {token.module}")
        for certificate in seen.certificates:
            _print(certificate, judged=desk is not None)
        if not seen.certificates:
            print("  không có chứng thư nào đọc được khi chưa đăng nhập")
    if not found:
        print("\nKhông có token nào đang cắm.")
    return 0 if found else 1


def _print(seen: SeenCertificate, *, judged: bool) -> None:
    print(f"  • {seen.holder}")
    print(f"    mã {seen.fingerprint[:16]} · số {seen.serial}")
    print(f"    nơi cấp {seen.issuer}")
    print(f"    hiệu lực {seen.valid} · dùng để {seen.usage}")
    if judged:
        print(f"    {'đăng ký cho ' + seen.registered if seen.registered else 'chưa đăng ký cho ai'}")
    if seen.problem:
        print(f"    ✗ {seen.problem}")


def _register(options: argparse.Namespace) -> int:
    import asyncio

    from hocba_tui.flow.records.register_certificate import register, register_seal

    desk = desk_of(options)
    if options.seal:
        asyncio.run(register_seal(desk, options.certificate))
        print("Đã đăng ký con dấu của trường.")
        _say_what_lasts(desk)
        return 0
    whose = options.whose or desk.actor.key
    warning = asyncio.run(register(desk, whose, options.certificate))
    print(f"Đã đăng ký chứng thư cho tài khoản {whose}.")
    if warning:
        print(f"Chú ý: {warning}")
    _say_what_lasts(desk)
    return 0


def _check(options: argparse.Namespace) -> int:
    """Print which certificates end; exit 1 when one does."""
    from hocba_tui.flow.reports.certificate_note import all_endings

    found = all_endings(store_root(options))
    ending = [one for one in found if one.until]
    for one in ending if options.quiet else found:
        print(f"{'!' if one.until else '·'} {one.holder}: {one.words}")
    if ending:
        print("Xin cấp chứng thư mới, rồi đăng ký: hocba token register MÃ. Chữ ký đã ký không mất gì.")
    elif not options.quiet:
        print("Không chứng thư nào sắp hết hạn.")
    return int(bool(ending))


def _say_what_lasts(desk: Desk) -> None:
    from hocba_tui.flow.desk import WITHOUT_STAMPS

    if not desk.school.timestamps:
        print(f"Chú ý: {WITHOUT_STAMPS}")
