"""Encryption of backups to recipients, by the age format (pyrage).

The server holds recipients only, so somebody who steals the server or the backups cannot read them. The
identity that decrypts them belongs on paper or on a stick in the principal's safe.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hocba_tui.errors import HocbaError, Refused, StoreUnusable, WrongUse, system_reason

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]

    from pyrage import ssh, x25519

    Identity = x25519.Identity | ssh.Identity
    Recipient = x25519.Recipient | ssh.Recipient

MAGIC = b"age-encryption.org/v1"
Result = TypeVar("Result")
Stream = io.BufferedIOBase


def read_recipients(lines: Sequence[str]) -> list[Recipient]:
    """Return the recipients (``age1…`` or an SSH public key), one a line; raise WrongUse when a line is not one."""
    from pyrage import RecipientError, ssh, x25519

    found: list[Recipient] = []
    for line in (line.strip() for line in lines):
        if line and not line.startswith("#"):
            try:
                found.append(
                    ssh.Recipient.from_str(line) if line.startswith("ssh-") else x25519.Recipient.from_str(line)
                )
            except RecipientError as error:
                raise WrongUse(f"Không phải khóa nhận bản sao lưu: {line[:24]}…", "Khóa có dạng age1…", "") from error
    if not found:
        raise WrongUse("Chưa biết mã hóa cho ai.", "Thêm --recipient age1…", "")
    return found


def read_identity(path: Path) -> Identity:
    """Return the identity in ``path``, as ``hocba backup --new-key`` or age-keygen wrote it."""
    from pyrage import IdentityError, ssh, x25519

    try:
        data = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"Không đọc được tệp khóa {path}: {system_reason(error)}.", "", "") from error
    try:
        if data.lstrip().startswith(b"-----BEGIN"):
            return ssh.Identity.from_buffer(data)
        lines = [line.strip() for line in data.decode().splitlines()]
        return x25519.Identity.from_str(next(line for line in lines if line.startswith("AGE-SECRET-KEY-")))
    except (IdentityError, ValueError, StopIteration) as error:
        raise WrongUse(f"{path} không phải tệp khóa mở bản sao lưu.", "Khóa có dạng AGE-SECRET-KEY-1…", "") from error


def new_identity(path: Path) -> str:
    """Write a new identity to ``path``, which must not exist; return the recipient that belongs to it."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise Refused(f"{path} đã có; khóa cũ còn mở được các bản sao lưu cũ nên không ghi đè.") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"# public key: {identity.to_public()}\n{identity}\n")
        file.flush()
        os.fsync(file.fileno())
    return str(identity.to_public())


def one_time_identity() -> x25519.Identity:
    """Return an identity that exists in memory only, to read back what has just been written."""
    from pyrage import x25519

    return x25519.Identity.generate()


def encrypt(write: Callable[[Stream], Result], out: Stream, recipients: Sequence[Recipient]) -> Result:
    """Call ``write`` with a stream that is encrypted to ``out``; return what it returned."""
    import pyrage

    target = _Remembering(out)

    def consume(source: Stream) -> None:
        try:
            pyrage.encrypt_io(source, target, recipients)
        except (pyrage.EncryptError, OSError) as error:
            raise target.refusal or error from error

    return _through_pipe(write, consume)


def decrypt(source: Stream, read: Callable[[Stream], Result], identity: Identity) -> Result:
    """Call ``read`` with the decrypted stream; raise StoreUnusable when the identity is wrong or the data altered."""
    import pyrage

    def produce(out: Stream) -> None:
        try:
            pyrage.decrypt_io(source, out, [identity])
        except (pyrage.DecryptError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise StoreUnusable(
                "Không mở được bản sao lưu: không đúng khóa, hoặc tệp bị sửa hay cắt ngắn.",
                "Tìm đúng tệp khóa đã tạo bằng hocba backup --new-key.",
                "Chưa có gì bị thay đổi.",
            ) from error

    result: list[Result] = []

    def consume(stream: Stream) -> None:
        result.append(read(stream))
        while stream.read(1 << 20):  # To the end, so that age checks the last piece too.
            pass

    _through_pipe(produce, consume)
    return result[0]


class _Remembering(io.BufferedIOBase):
    """A file to write to that remembers the system's error; the library loses it."""

    def __init__(self, out: Stream) -> None:
        super().__init__()
        self._out = out
        self.refusal: OSError | None = None

    def write(self, data: Buffer) -> int:
        """Write."""
        try:
            return self._out.write(data)
        except OSError as error:
            self.refusal = error
            raise

    def flush(self) -> None:
        """Flush."""
        self._out.flush()


def _through_pipe(produce: Callable[[Stream], Result], consume: Callable[[Stream], None]) -> Result:
    """Run ``produce`` in a thread into a pipe that ``consume`` reads; the first failure is raised."""
    reading, writing = os.pipe()
    results: list[Result] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(writing, "wb") as out:
                results.append(produce(out))
        except BaseException as error:  # noqa: BLE001  # handed to the caller below
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    failed: Exception | None = None
    with os.fdopen(reading, "rb") as source:
        try:
            consume(source)
        except Exception as error:  # noqa: BLE001  # the cause matters more than the broken pipe that follows from it
            failed = error
    thread.join()
    for cause in (*(f for f in failures if isinstance(f, HocbaError)), *([failed] if failed else ()), *failures):
        raise cause
    return results[0]
