"""``hocba-attach``: hand the terminal of a login over to the server, and cost almost nothing from then on.

This is what sshd starts for a teacher, as ForceCommand and as login shell. It is run as ``python -IS``, imports a few
modules of Python and nothing of hocba, and says nothing about who it works for: the server asks the kernel.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import signal
import socket
import struct
import sys
import termios

SOCKETS = ("/run/hocba/door.sock", "hocba/door.sock")
"""The server of this machine; one's own, below XDG_RUNTIME_DIR."""
CAT = "/bin/cat"
PATIENCE = 10
"""Seconds to wait for the server to take a connection."""
LONGEST = 4096
"""Bytes that the server takes as one message."""
WRONG_USE, NOT_ALLOWED, INTERRUPTED, UNEXPECTED = 2, 3, 5, 70
"""Exit codes, as in docs/commands.md."""
RESIZED = b"W"
"""What is sent where the session cannot be told by a signal that the terminal has another size."""

COMMANDS = """\
       Không màn hình thì chỉ có các lệnh này, tệp đi qua đầu vào, đầu ra:
         hocba submit|approve|issue --class LỚP --request -   (hoặc --signed -)
         hocba verify -
         hocba fetch [TÊN > TỆP]   (tệp đã xuất trong chương trình)"""
_NOBODY = """\
hocba: Máy chủ học bạ chưa chạy nên chưa vào được.
       Mọi dữ liệu đã lưu trước đó vẫn an toàn.
       Đợi một phút rồi đăng nhập lại; nếu vẫn thế, báo người phụ trách máy."""
_BUSY = """\
hocba: Máy chủ học bạ đang có quá nhiều người gọi cùng lúc nên chưa vào được.
       Mọi dữ liệu đã lưu trước đó vẫn an toàn. Đợi một phút rồi đăng nhập lại."""
_NO_ENTRY = """\
hocba: Tài khoản máy này không được phép gọi máy chủ học bạ.
       Nhờ người phụ trách máy xem lại quyền của tài khoản."""
_NO_TERMINAL = f"""\
hocba: Không có màn hình và cũng không có lệnh nào, nên không có gì để làm.
       Vào chương trình: ssh TÊN@MÁY-CHỦ trong một cửa sổ dòng lệnh.
{COMMANDS}"""
_NOT_A_SHELL = f"""\
hocba: Tài khoản này chỉ mở chương trình học bạ, không chạy lệnh khác của máy.
{COMMANDS}"""
_WRONG_WORDS = "hocba: hocba-attach chỉ nhận --socket ĐƯỜNG_DẪN và --as TÀI_KHOẢN."
_WRONG_QUOTES = "hocba: Dấu nháy trong lệnh không khép lại."
_TOO_LONG = "hocba: Lệnh dài quá."
_CUT = """\
hocba: Máy chủ học bạ dừng khi đang làm lệnh này.
       Những gì đã báo xong vẫn còn; đợi một phút, xem lại rồi làm tiếp."""

_WHY_NOT = {errno.EACCES: _NO_ENTRY, errno.EPERM: _NO_ENTRY, errno.EAGAIN: _BUSY}


def forced_command(program: str) -> str:
    """Return the line for ForceCommand in sshd's settings; the login shell of the same file accepts exactly it."""
    return f"exec {program}"


def main() -> int:
    """Do what sshd, ``login`` or ``su`` started this program for; return the exit code."""
    program, words = os.path.abspath(sys.argv[0]), sys.argv[1:]
    if words[:1] == ["-c"]:
        if words[1:] != [forced_command(program)]:
            return _say(_NOT_A_SHELL, NOT_ALLOWED)
        words = []
    if not sys.flags.isolated:  # Started by the script of the package: begin again without what the user may have set.
        os.execv(sys.executable, [sys.executable, "-I", "-S", __file__, *words])
    options = dict(zip(words[::2], words[1::2], strict=False))
    if len(words) % 2 or len(options) * 2 < len(words) or not options.keys() <= {"--socket", "--as"}:
        return _say(_WRONG_WORDS, WRONG_USE)
    asked = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    if not asked and not (os.isatty(0) and os.isatty(1)):
        return _say(_NO_TERMINAL, 1)
    message: dict[str, object] = {"from": os.environ.get("SSH_CONNECTION", "").split(" ")[0]}
    message |= {"as": options["--as"]} if "--as" in options else {}
    if asked:
        import shlex

        try:
            message |= {"want": "command", "words": shlex.split(asked)}
        except ValueError:
            return _say(_WRONG_QUOTES, WRONG_USE)
    else:
        message |= {"want": "screen", "variables": _variables()}
    data = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    if len(data) > LONGEST:
        return _say(_TOO_LONG, WRONG_USE)
    try:
        line = _connected(options.get("--socket") or _socket())
        return _run(line, data) if asked else _hand_over(line, data)
    except OSError as error:
        return _say(_WHY_NOT.get(error.errno or 0, _NOBODY), INTERRUPTED)


def _say(text: str, code: int) -> int:
    with contextlib.suppress(OSError):
        os.write(2, text.encode() + b"\n")
    return code


def _variables() -> dict[str, str]:
    """Return what the terminal says about itself, as far as it is short; the server looks through it again."""
    own = {
        name: text for name, text in os.environ.items() if name in ("TERM", "COLORTERM", "LANG") or name[:3] == "LC_"
    }
    return {name: text for name, text in own.items() if len(name) + len(text) <= 100}


def _socket() -> str:
    machine, own = SOCKETS
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    mine = os.path.join(folder, own)
    return mine if folder and os.path.exists(mine) and not os.path.exists(machine) else machine


def _connected(path: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # The kernel's limit: with one of Python's own, a queue that is full would be an error at once.
    line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE, 0))
    line.connect(path)
    return line


def _hand_over(line: socket.socket, data: bytes) -> int:
    """Give the terminal to the server, and wait for the end of the session."""
    leader = os.getsid(0) == os.getpid()
    if leader:
        # The terminal can become the session's only when it is nobody's; whom it controlled gets a signal.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with contextlib.suppress(OSError):
            fcntl.ioctl(0, termios.TIOCNOTTY)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    socket.send_fds(line, [data], [0, *_token_folder()])
    if leader:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        with contextlib.suppress(OSError):
            keyboard = os.dup(0)
            os.dup2(line.fileno(), 0)
            try:
                os.execv(CAT, [CAT])
            finally:
                os.dup2(keyboard, 0)
    return _stay(line)


def _token_folder() -> list[int]:
    """Return a descriptor of the folder for the socket of a token; none where one's own folder is open to others.

    ``ssh -R`` puts the socket there. The outer folder is closed, so nobody reaches the inner one by its path; who has
    its descriptor may look a name up in it, as another user too, which a closed folder alone would refuse.
    """
    flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    outer = os.path.join(os.environ.get("HOME", ""), ".hocba")
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(outer, 0o700)
        found = os.open(outer, flags)
        state = os.fstat(found)
        if state.st_uid != os.getuid() or state.st_mode & 0o077:
            return []
        with contextlib.suppress(FileExistsError):
            os.mkdir("ssh", dir_fd=found)
        inner = os.open("ssh", flags, dir_fd=found)
        os.chmod(f"/proc/self/fd/{inner}", 0o711)  # noqa: S103 - the outer folder keeps everybody out
    except OSError:  # No home, or one that nobody may write: there is no token either.
        return []
    return [inner]


def _stay(line: socket.socket) -> int:
    """Show what the server writes after a crash, and tell the session about the size of the terminal."""
    before = termios.tcgetattr(0)

    def resized(*_: object) -> None:
        with contextlib.suppress(OSError):
            line.send(RESIZED, socket.MSG_DONTWAIT)

    signal.signal(signal.SIGWINCH, resized)
    try:
        while data := line.recv(65536):
            os.write(1, data)
    except OSError:  # The server is gone, or the terminal.
        pass
    with contextlib.suppress(termios.error):
        termios.tcsetattr(0, termios.TCSAFLUSH, before)
    return 0


def _run(line: socket.socket, data: bytes) -> int:
    """Have the server do a command on our standard streams; return its exit code."""
    socket.send_fds(line, [data], [0, 1, 2])
    try:
        while answer := line.recv(65536):
            if len(answer) == 2 and answer[0] == 0:
                return answer[1]
            os.write(2, answer)
    except OSError:
        pass
    return _say(_CUT, UNEXPECTED)


if __name__ == "__main__":
    sys.exit(main())
