"""Codes of six digits from a phone (TOTP), asked after the password: made, renewed and taken away for one login.

pam_google_authenticator asks for them, and its own program writes the file that it reads. The file lies outside of
homes and is root's alone: nobody of the school can read or exchange it, not even whose it is. Who is in the group is
asked for a code; without a file such a person does not come in.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pty
import re
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.errors import MissingTool, Refused
from hocba_tui.machine.running import clean_command, output, succeeds

GROUP = "hocba-totp"
FOLDER = Path("/var/lib/hocba-totp")
"""Of root, 0700. A file is called as its login."""
MODULE = "pam_google_authenticator.so"
_PROGRAM = "google-authenticator"
_PACKAGE = "libpam-google-authenticator"
_PLACES = ("/lib/*/security", "/usr/lib/*/security", "/lib/security", "/usr/lib64/security")
_KEY = re.compile(r"[A-Z2-7]{16,64}")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_PATIENCE = 30.0
_LONGEST = 64 * 1024
SCRATCH = 5


@dataclass(frozen=True)
class Code:
    """What one person puts into the phone, once."""

    key: str
    scratch: tuple[str, ...]
    """Numbers that let in once each, without the phone."""
    picture: tuple[str, ...]
    """The QR code, dark on light; empty where libqrencode is not installed."""

    def slip(self, login: str, name: str) -> str:
        """Return what the person gets on paper."""
        groups = " ".join(self.key[at : at + 4] for at in range(0, len(self.key), 4))
        picture = "".join(f"     {line}\n" for line in self.picture) or "     (máy chủ chưa vẽ được hình: gõ khóa)\n"
        return f"""\
{name} ({login}): MÃ 6 SỐ

  1. Điện thoại: mở một ứng dụng mã 6 số (Google Authenticator, Microsoft Authenticator, FreeOTP),
     chọn thêm tài khoản, quét hình dưới đây; không quét được thì gõ khóa:
       {groups}
{picture}\
  2. Đăng nhập: sau mật khẩu, máy hỏi Verification code: gõ 6 số đang hiện (không hiện ra khi gõ).
     Mỗi mã dùng một lần; gõ sai thì đợi mã sau. Đồng hồ điện thoại phải đúng giờ (để tự động).
  3. Không có điện thoại: gõ một trong các số này thay cho mã, mỗi số một lần, rồi gạch đi:
       {"  ".join(self.scratch)}
  Mất điện thoại hay mất phiếu: báo quản trị ngay để cấp mã mới; khi ấy mã cũ hết dùng được.
  Giữ phiếu này ở nơi khóa được, không để cùng mật khẩu.

- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
"""

    def on_screen(self) -> str:
        """Return the QR code for a terminal of any colours."""
        return "".join(f"\x1b[30;47;27m{line}\x1b[0m\n" for line in self.picture)


def require_usable() -> None:
    """Raise MissingTool when PAM cannot ask for codes."""
    there = any(list(Path("/").glob(f"{place[1:]}/{MODULE}")) for place in _PLACES)
    if not there or not succeeds("sh", "-c", f"command -v {_PROGRAM}"):
        raise MissingTool(
            "Máy chưa có mã 6 số của điện thoại cho ban giám hiệu, văn thư, quản trị.",
            f"Chạy: apt install {_PACKAGE} libqrencode4; hoặc vào bằng mật khẩu thôi: hocba setup --codes khong",
            "Chưa đổi gì của máy.",
        )


def new_code(login: str, address: str) -> Code:
    """Make a code for a login whose name has been checked, in the place of one that there was, and ask for it from now.

    Refused when the program that writes it fails; a code that there was then stays.
    """
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    beside = FOLDER / f".{login}.{secrets.token_hex(4)}"
    try:
        said = _on_a_terminal(
            _PROGRAM, "--time-based", "--disallow-reuse", "--rate-limit=3", "--rate-time=30", "--window-size=3",
            "--force", "--no-confirm", "--qr-mode=UTF8", f"--emergency-codes={SCRATCH}", f"--label={login}@{address}",
            "--issuer=hocba", f"--secret={beside}",
        )  # fmt: skip
        key, scratch = _read(beside)
        os.chmod(beside, 0o400)  # noqa: PTH101 - a plain file of root's in a folder of root's
        beside.replace(FOLDER / login)
    except OSError as error:
        raise Refused(f"Không ghi được mã 6 số của {login}: {error.strerror}.", "", "Mã cũ còn nguyên.") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    # Only now: who is in the group and has no file does not come in.
    output("usermod", "--append", "--groups", GROUP, login)
    return Code(key, scratch, _picture(said))


def has_code(login: str) -> bool:
    """Return whether a login is asked for a code, and has one."""
    return login in _asked() and (FOLDER / login).is_file()


def drop_code(login: str) -> bool:
    """Ask for no code any more; return whether one was asked for."""
    was = login in _asked()
    if was:
        output("gpasswd", "--delete", login, GROUP)
    with contextlib.suppress(FileNotFoundError):
        (FOLDER / login).unlink()
    return was


def _asked() -> list[str]:
    try:
        return grp.getgrnam(GROUP).gr_mem
    except KeyError:
        return []


def _read(file: Path) -> tuple[str, tuple[str, ...]]:
    """Return key and scratch codes: the first line, and those that are numbers."""
    try:
        key, *rest = file.read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ValueError):
        key, rest = "", []
    scratch = tuple(line for line in rest if line.isdigit())
    if not _KEY.fullmatch(key) or len(scratch) != SCRATCH:
        raise Refused(f"{_PROGRAM} không tạo được mã.", f"Chạy: apt install --reinstall {_PACKAGE}", "")
    return key, scratch


def _picture(said: str) -> tuple[str, ...]:
    """Return the lines of the QR code: what is drawn in halves of a letter, without colours."""
    lines = [line.rstrip("\r") for line in said.splitlines()]
    return tuple(_ESCAPES.sub("", line) for line in lines if line.startswith("\x1b[") and line.endswith("m"))


def _on_a_terminal(*command: str) -> str:
    """Run a program that draws only on a terminal, and return what it printed; Refused when it fails."""
    ours, its = pty.openpty()
    try:
        with subprocess.Popen(
            clean_command(*command), stdin=subprocess.DEVNULL, stdout=its, stderr=its, cwd="/"
        ) as process:
            os.close(its)
            said = b""
            # A terminal that nobody holds any more ends with an error.
            with contextlib.suppress(OSError):
                while len(said) < _LONGEST and (part := os.read(ours, 4096)):
                    said += part
            code = process.wait(_PATIENCE)
    finally:
        os.close(ours)
    if code:
        raise Refused(
            f"{_PROGRAM} không tạo được mã (mã thoát {code}).", f"Chạy: apt install --reinstall {_PACKAGE}", ""
        )
    return said.decode(errors="replace")
