"""``hocba sign-request``: sign a request file on the computer where the token is. Windows too; needs no store."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, ask_pin, command, confirm, say_before_pin
from hocba_tui.clock import Clock
from hocba_tui.errors import HocbaError, Refused, WrongUse, system_reason

if TYPE_CHECKING:
    from hocba_tui.flow.records.offline_files import AnswersFile, SigningRequest
    from hocba_tui.flow.records.offline_signer import RecordToSign


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "sign-request",
        "Ký tệp yêu cầu trên máy có token (Windows cũng được): xem từng học bạ, gõ PIN một lần.",
        "hocba sign-request 5A.yeu-cau --out 5A.chu-ky",
    )
    added.add_argument(
        "file", type=Path, metavar="TỆP", help="tệp mà hocba submit --request (approve, issue cũng vậy) ghi ra"
    )
    added.add_argument("--out", type=Path, required=True, metavar="TỆP", help="ghi các chữ ký ra tệp này")
    added.add_argument("--module", type=Path, action="append", metavar="THƯ_VIỆN", help="thư viện PKCS#11 của token")
    added.add_argument("--yes", action="store_true", help="ký tất cả, không hỏi từng học bạ")
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show the records, ask, sign, and write the answers after each record; exit 1 when some were left out."""
    import asyncio

    from hocba_tui.flow.records.offline_files import AnswersFile, read_carried, read_request
    from hocba_tui.flow.records.offline_signer import SIGNED_BY, show

    out = AnswersFile(options.out)
    try:
        request = read_request(read_carried(options.file))
    except OSError as error:
        raise Refused(f"Không đọc được {options.file}: {system_reason(error)}.") from error
    shown = show(request)
    print(f"{len(shown)} học bạ, {SIGNED_BY[request.slot]}.")
    chosen = list(shown) if options.yes else _choose(shown)
    if not chosen:
        print("Không ký học bạ nào.")
        return 1
    return asyncio.run(_sign(request, chosen, options.module, out)) or int(len(chosen) < len(shown))


def _choose(shown: Sequence[RecordToSign]) -> list[RecordToSign]:
    """Show record by record; return those to sign."""
    chosen: list[RecordToSign] = []
    for number, one in enumerate(shown, start=1):
        print(f"\n— {number}/{len(shown)} — {one.name}")
        for line in one.lines:
            print(f"  {line}")
        answer = ""
        while answer not in ("k", "b", "t", "d"):
            try:
                answer = input("[k] ký  [b] bỏ qua  [t] ký từ đây đến hết  [d] dừng: ").strip().lower()
            except EOFError:
                raise WrongUse(
                    "Không có bàn phím để xem từng học bạ.", "Chạy trên màn hình, hoặc thêm --yes.", ""
                ) from None
        if answer == "t":
            return [*chosen, *shown[number - 1 :]]
        if answer == "d":
            return chosen
        if answer == "k":
            chosen.append(one)
    return chosen


async def _sign(
    request: SigningRequest, chosen: list[RecordToSign], modules: list[Path] | None, out: AnswersFile
) -> int:
    from hocba_tui.flow.records.offline_signer import find_token_for, sign_request

    token = await find_token_for(request, modules)
    if token.tries:
        print(f"Token: {token.tries}.")
    say_before_pin(None)
    final = token.final_try and confirm("Gõ sai lần nữa token sẽ KHÓA. Vẫn ký? (gõ 'ky' để ký) ", "ky")
    pin, signed = ask_pin("token"), "Đã ký 0 học bạ"
    try:
        async for name, answers in sign_request(request, chosen, token, pin, Clock().now, final=final):
            out.write(answers)
            packages = f" và {len(answers.packages)} gói gửi" if answers.packages else ""
            signed = f"Đã ký {len(answers.answered)} học bạ{packages}, ghi trong {out.path}"
            print(f"  ✓ {name}")
    except HocbaError:
        print(f"{signed}; chọn ký {len(chosen)}.", file=sys.stderr)
        raise
    print(f"{signed}. Đưa tệp này về máy chủ để nhận lại.")
    return 0
