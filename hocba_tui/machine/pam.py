"""PAM for sshd: five wrong passwords or codes of a teacher close that account for ten minutes.

Only for the group of the school's people: who looks after the computer can never be locked out by wrong passwords that
somebody else types under that name. Who is in the group of codes is asked for one after the right password; without
one, or without a file to check it by, such a person does not come in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hocba_tui.errors import MissingTool, Refused, system_reason
from hocba_tui.machine import codes
from hocba_tui.machine.steps import write_settings

SSHD = Path("/etc/pam.d/sshd")
_BEGIN, _END = "# hocba: begin", "# hocba: end"
_LIMIT = "deny=5 unlock_time=600 fail_interval=900"
_LINES = """\
{begin} (five wrong passwords of somebody in {group} close that account for ten minutes; sudo hocba setup)
auth [success=ignore default={skip}] pam_succeed_if.so quiet user ingroup {group}
auth required pam_faillock.so preauth {limit}
auth [success=1 default=ignore] pam_unix.so
auth [default=die] pam_faillock.so authfail {limit}
{codes}auth sufficient pam_faillock.so authsucc {limit}
auth required pam_deny.so
{end}
"""
# A wrong code counts as a wrong password: after the module itself only its own limit would hold (three in 30 seconds).
_CODES = """\
auth [success=ignore default=2] pam_succeed_if.so quiet user ingroup {group}
auth [success=1 default=ignore] {module} secret={folder}/${{USER}} user=root
auth [default=die] pam_faillock.so authfail {limit}
"""
_MODULES = ("pam_succeed_if.so", "pam_faillock.so", "pam_unix.so", "pam_deny.so")
_PLACES = ("/lib/*/security", "/usr/lib/*/security", "/lib/security", "/usr/lib64/security")


@dataclass(frozen=True)
class Limit:
    """The lines in sshd's PAM file, before all others."""

    group: str
    codes: bool = True
    """Whether who is in the group of codes is asked for one."""
    path: Path = SSHD

    @property
    def what(self) -> str:
        """Return its name for a list."""
        more = f"; nhóm {codes.GROUP} gõ thêm mã 6 số" if self.codes else ""
        return f"{self.path}: sai mật khẩu 5 lần thì khóa 10 phút, chỉ nhóm {self.group}{more}"

    def missing(self) -> str:
        """Return whether the lines are to be written; MissingTool when PAM has not the modules, or no file for sshd."""
        if not self.path.exists():
            raise MissingTool(f"Không có {self.path}.", "Chạy: apt install openssh-server", "Chưa đổi gì của máy.")
        if absent := [name for name in _MODULES if not any(list(Path("/").glob(f"{p[1:]}/{name}")) for p in _PLACES)]:
            raise MissingTool(f"PAM thiếu {', '.join(absent)}.", "Chạy: apt install libpam-modules", "")
        return "" if self._held().startswith(self._lines()) else "thêm"

    def do(self) -> None:
        """Put them in, in the place of older ones of ours."""
        write_settings(self.path, self._lines() + _without(self._held()))

    def undo(self) -> bool:
        """Take them out."""
        held = self._held() if self.path.exists() else ""
        if held == (rest := _without(held)):
            return False
        write_settings(self.path, rest)
        return True

    def _lines(self) -> str:
        asked = _CODES.format(group=codes.GROUP, module=codes.MODULE, folder=codes.FOLDER, limit=_LIMIT)
        return _LINES.format(
            begin=_BEGIN, end=_END, group=self.group, limit=_LIMIT,
            codes=asked if self.codes else "", skip=8 if self.codes else 5,
        )  # fmt: skip

    def _held(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = system_reason(error) if isinstance(error, OSError) else "không phải UTF-8"
            raise Refused(f"Không đọc được {self.path}: {reason}.", safe="") from error


def _without(text: str) -> str:
    """Return the file without our lines; Refused when only one end of them is there."""
    before, found, rest = text.partition(_BEGIN)
    if not found:
        return text
    _, closed, after = rest.partition(f"{_END}\n")
    if not closed:
        raise Refused(f"Đoạn của hocba trong {SSHD} đã bị sửa dở.", "Xóa tay các dòng ấy rồi chạy lại.", "")
    return before + after
