"""Keys of people who share one login of the machine: the lines of authorized_keys that say whose account each opens.

A line gives its key a terminal, the attach program with the account's name, and nothing else. There is no forwarding,
not even of a token's socket: sshd cannot limit where it is put, and this login may remove any file of the store.
Lines that hocba did not write are kept as they are.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import hocba_tui
from hocba_tui.clock import Clock
from hocba_tui.errors import Refused, WrongUse, system_reason
from hocba_tui.flow.desk import STAFF
from hocba_tui.log.keeping import changed
from hocba_tui.model.school import School, Staff
from hocba_tui.rules.permits import why_barred
from hocba_tui.rules.second_person import may_come_by_key
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.disk import read_plain, write_atomic
from hocba_tui.store.folder import FolderStore

_KINDS = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
)  # fmt: skip
_SHORTEST_RSA = 4 + 7 + 4 + 3 + 4 + 257
"""Bytes of an RSA key of 2048 bits with its usual exponent."""
_LONGEST = 16 * 1024
_LINE = re.compile(
    r'restrict,pty,command="exec [^"]* --as ([a-z0-9][a-z0-9._-]*)" (\S+) (\S+)(?: hocba:(\d{4}-\d\d-\d\d))?'
)
"""A line of ours; the date is the day on which it was written."""
_UNTOUCHED = "Chưa đổi gì."


class SshKey(NamedTuple):
    """A key and the account that it opens, as far as ``since`` is known (ISO)."""

    account: str
    fingerprint: str
    since: str


def key_line(public_key: str, command: str) -> str:
    """Return the line of authorized_keys that lets a key in: it gets ``command`` and nothing else.

    ``public_key`` is what a .pub file holds; Refused when it is no single key of a kind that is safe today, or brings
    options of its own; WrongUse when sshd would not take the command as one.
    """
    if set(command) & set('"\\\n'):
        raise WrongUse("Lệnh của khóa có dấu nháy kép, gạch chéo ngược hoặc xuống dòng.", "Dùng đường dẫn khác.", "")
    kind, blob = _read_public(public_key)
    return f'restrict,pty,command="{command}" {kind} {base64.b64encode(blob).decode()}'


def attach_words(account: str, socket: str | None = None, program: str | None = None) -> list[str]:
    """Return the command that sshd starts for a key: the script of the package, or the file that it would run."""
    script = Path(sys.executable).with_name("hocba-attach")
    if program:
        words = [program]
    elif script.exists():
        words = [str(script)]
    else:
        words = [sys.executable, "-I", "-S", str(Path(hocba_tui.__file__).parent / "server" / "attach.py")]
    return [*words, *(["--socket", socket] if socket else []), "--as", account]


def authorized_keys() -> Path:
    """Return where sshd looks for the keys of this user by default."""
    return Path(pwd.getpwuid(os.geteuid()).pw_dir) / ".ssh" / "authorized_keys"


def add_key(root: Path, file: Path, account: str, public: Path, command: str) -> SshKey:
    """Let who has the key of the file ``public`` in as an account of the store in ``root``; return what was added.

    Refused when there is no such account or it has left, when the file holds no key, and when the key opens something
    already: sshd takes the first line that has it, which may give a shell.
    """
    person = _people(root).get(account)
    if person is None or person.barred:
        why = why_barred(person) if person else f"Tài khoản “{account}” không có trong trường này."
        raise Refused(why, "Xem các tài khoản: hocba account list.", _UNTOUCHED)
    try:
        with public.open(encoding="utf-8") as opened:
            text = opened.read(_LONGEST)
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "không phải là văn bản"
        raise Refused(f"Không đọc được {public}: {reason}.", "", _UNTOUCHED) from error
    line = key_line(text, command)
    _, blob = _read_public(text)
    key = SshKey(account, fingerprint(blob), Clock().today().isoformat())
    with _locked(file):
        lines = _lines(file)
        for other in lines:
            if blob in _blobs(other):
                ours = _LINE.fullmatch(other)
                whose = f"đã mở tài khoản {ours[1]}" if ours else f"đã có một dòng khác trong {file}"
                raise Refused(
                    f"Khóa {key.fingerprint} {whose}.", "Mỗi khóa chỉ mở một tài khoản; tạo khóa khác.", _UNTOUCHED
                )
        _write(file, [*lines, f"{line} hocba:{key.since}"])
    changed(f"key {account}", key.fingerprint)
    return key


def remove_keys(file: Path, account: str) -> tuple[SshKey, ...]:
    """Take away all keys of an account, which need not be there any more; return them."""
    with _locked(file):
        lines = _lines(file)
        gone = [line for line in lines if (found := _LINE.fullmatch(line)) and found[1] == account]
        if gone:
            _write(file, [line for line in lines if line not in gone])
    removed = tuple(_keys(gone))
    for key in removed:
        changed(f"key {account}", f"off {key.fingerprint}")
    return removed


def known_keys(file: Path) -> tuple[tuple[SshKey, ...], int]:
    """Return the keys that open an account, and how many lines there are that hocba did not write."""
    lines = _lines(file)
    keys = tuple(_keys(lines))
    others = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return keys, len(others) - len(keys)


def obstacles(root: Path) -> dict[str, str]:
    """Return the accounts of the store that no key opens now, with the reason; accounts that are not there are not."""
    school, people = _school(root), _people(root)
    found = {}
    for account, person in people.items():
        permission = may_come_by_key(person, school)
        if person.barred:
            found[account] = why_barred(person)
        elif not permission.allowed:
            found[account] = f"{permission.reason} Hiệu trưởng cho phép: hocba school set trusted_by_key=có"
    return found


def accounts(root: Path) -> frozenset[str]:
    """Return the accounts of the store."""
    return frozenset(_people(root))


def open_folders(folder: Path) -> Iterator[Path]:
    """Yield the folders at or above ``folder`` that others may write: sshd ignores keys that lie below one."""
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            yield place


def fingerprint(blob: bytes) -> str:
    """Return the fingerprint of a key as ``ssh-keygen -l`` shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


# --- inside ----------------------------------------------------------------------------------------


def _school(root: Path) -> School:
    return School.from_fields(SCHOOL, FolderStore(root, Clock().now).shard(SCHOOL).document(SCHOOL, SCHOOL))


def _people(root: Path) -> dict[str, Staff]:
    table = FolderStore(root, Clock().now).shard(SCHOOL).table(STAFF)
    return {key: Staff.from_fields(key, document) for key, document in table.items()}


def _read_public(text: str) -> tuple[str, bytes]:
    """Return the kind and the bytes of the one key in ``text``; Refused when that is not what it holds."""
    if "PRIVATE KEY" in text:
        raise Refused(
            "Đây là khóa BÍ MẬT; người khác không bao giờ được thấy nó.",
            "Tạo cặp khóa mới, rồi đưa tệp có đuôi .pub.",
            _UNTOUCHED,
        )
    lines = [line for line in text.splitlines() if line.strip()]
    words = lines[0].split() if len(lines) == 1 else []
    blob = _decoded(words[1]) if len(words) > 1 and words[0] in _KINDS else b""
    kind = words[0] if words else ""
    if not blob.startswith(len(kind).to_bytes(4, "big") + kind.encode()) or len(blob) <= len(kind) + 4:
        raise Refused(
            "Tệp này không phải một khóa công khai của SSH.",
            f"Tệp .pub có đúng một dòng: LOẠI MÃ TÊN; loại là một trong: {', '.join(_KINDS)}.",
            _UNTOUCHED,
        )
    if kind == "ssh-rsa" and len(blob) < _SHORTEST_RSA:
        raise Refused("Khóa RSA này ngắn hơn 2048 bit.", "Tạo khóa mới: ssh-keygen -t ed25519", _UNTOUCHED)
    return kind, blob


def _decoded(word: str) -> bytes:
    try:
        return base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _blobs(line: str) -> set[bytes]:
    """Return what may be a key in a line of authorized_keys, which may begin with options of any kind."""
    return {_decoded(word) for word in line.split()} - {b""}


def _keys(lines: list[str]) -> Iterator[SshKey]:
    for line in lines:
        if found := _LINE.fullmatch(line):
            yield SshKey(found[1], fingerprint(_decoded(found[3])), found[4] or "")


def _lines(file: Path) -> list[str]:
    try:
        return read_plain(file).decode("utf-8", "surrogateescape").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Refused(f"Không đọc được {file}: {system_reason(error)}.", "", _UNTOUCHED) from error


def _write(file: Path, lines: list[str]) -> None:
    write_atomic(file, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Keep other commands like this one from the file, in a folder that only this user may write."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if status.st_uid != os.geteuid() or status.st_mode & 0o022:
            raise Refused(
                f"Thư mục {file.parent} không phải của riêng người dùng này.",
                "Chạy bằng tài khoản máy mà mọi người đăng nhập (sudo -u TÊN), và đặt: chmod 700.",
                _UNTOUCHED,
            )
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def command_for(account: str, socket: str | None = None, program: str | None = None) -> str:
    """Return the forced command of an account's keys, as the shell of the login reads it."""
    return f"exec {shlex.join(attach_words(account, socket, program))}"
