"""Use a PKCS#11 token through the helper process."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hocba_tui.errors import SigningFailed, WrongPin
from hocba_tui.signing.forwarded import handed_over, is_idle
from hocba_tui.signing.signer import Request, Signature
from hocba_tui.text import foreign

_LIMIT = 1 << 22
"""Longest line from the helper, in bytes: a list of certificates."""
PATIENCE = 120.0
"""Seconds for one answer of the driver: some ask the person for a touch or a PIN pad."""
_LONGEST = 64
"""Letters of a token's label or number: PKCS#11 has 32 at most."""

_REASONS = {
    "locked": ("Token đã bị khóa PIN.", "Liên hệ nơi cấp để mở khóa; đừng thử lại."),
    "final_try": ("Token chỉ còn một lần thử PIN.", "Liên hệ nơi cấp trước khi thử; sai lần nữa token sẽ khóa."),
    "no_token": ("Không thấy token mang chứng thư đã đăng ký.", "Cắm đúng token rồi thử lại."),
    "no_key": ("Token có chứng thư nhưng không có khóa đi kèm.", "Liên hệ nơi cấp token."),
    "removed": ("Token đã bị rút ra.", "Cắm lại token rồi ký tiếp; các em đã ký không phải ký lại."),
    "token": ("Token báo lỗi.", "Rút ra cắm lại rồi ký tiếp; các em đã ký không phải ký lại."),
    "silent": ("Token không trả lời.", "Rút ra cắm lại rồi ký tiếp; các em đã ký vẫn còn."),
    "dead": ("Trình điều khiển token đã dừng đột ngột.", "Rút ra cắm lại rồi ký tiếp; các em đã ký vẫn còn."),
}


class NoToken(SigningFailed):
    """No plugged-in token holds the certificate."""


def _failure(code: str) -> SigningFailed:
    if code == "no_token":
        return NoToken(*_REASONS[code])
    if code == "wrong_pin":
        return WrongPin(
            "Sai mã PIN; chưa ký gì.",
            "Kiểm tra kĩ rồi nhập lại. Token thật khóa sau 3 lần sai, nên chương trình không tự thử lại.",
        )
    what, now = _REASONS.get(code, _REASONS["token"])
    return SigningFailed(what, now)


@dataclass(frozen=True)
class TokenInfo:
    """What can be known about a token without logging in. Certificates are DER."""

    module: Path
    label: str
    maker: str
    model: str
    serial: str
    certificates: tuple[bytes, ...]
    count_low: bool
    """A wrong PIN has been tried since the last right one."""
    final_try: bool
    """The next wrong PIN locks the token."""
    locked: bool

    @property
    def tries(self) -> str:
        """Return a warning about the PIN tries of the token; empty when there is none."""
        if self.locked:
            return "PIN đã bị khóa"
        if self.final_try:
            return "chỉ còn MỘT lần thử PIN"
        return "đã có lần gõ sai PIN" if self.count_low else ""

    def holds(self, fingerprint: str) -> bytes | None:
        """Return the certificate with this SHA-256 (hexadecimal), None when it is not on the token."""
        return next((der for der in self.certificates if hashlib.sha256(der).hexdigest() == fingerprint), None)


class _Helper:
    """The child process and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, module: Path, environment: dict[str, str]) -> _Helper:
        """Start the helper for ``module``; SigningFailed when the driver does not load."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # Not the modules that lie in the folder in which somebody works: they would hear the PIN.
            "-m",
            "hocba_tui.signing.helper",
            str(module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **environment},
            pass_fds=handed_over(),
            limit=_LIMIT,
        )
        helper = cls(process)
        try:
            await helper.hear()
        except SigningFailed:
            await helper.stop()
            raise
        return helper

    async def ask(self, **request: object) -> dict[str, Any]:
        """Send one request and return the answer; SigningFailed on an error or a dead driver."""
        await self.tell(**request)
        return await self.hear()

    async def tell(self, **request: object) -> None:
        """Send one request; SigningFailed when the driver is dead."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise _failure("dead") from error

    async def hear(self) -> dict[str, Any]:
        """Return the next answer; SigningFailed on an error, a dead driver, and one that has been silent too long."""
        assert self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
            if not line:
                raise _failure("dead")
            answer = json.loads(line)
        except TimeoutError as error:
            raise _failure("silent") from error
        except (ValueError, RecursionError) as error:  # No JSON, or a line over the limit.
            raise _failure("token") from error
        if not isinstance(answer, dict):
            raise _failure("token")
        if "error" in answer:
            raise _failure(str(answer["error"]))
        return answer

    async def stop(self) -> None:
        """End the helper process, and with it the PIN in its memory."""
        if self._process.stdin is not None:
            self._process.stdin.close()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                await self._process.stdin.wait_closed()
        with contextlib.suppress(ProcessLookupError, TimeoutError):
            await asyncio.wait_for(self._process.wait(), 2)
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def list_tokens(modules: Sequence[Path], environment: dict[str, str]) -> tuple[TokenInfo, ...]:
    """Return the tokens of all modules that exist and load, without logging in."""
    found: list[TokenInfo] = []
    usable = [module for module in modules if module.exists() and not is_idle(module, environment)]
    for module in dict.fromkeys(module.resolve() for module in usable):
        try:
            helper = await _Helper.start(module, environment)
        except SigningFailed:
            continue
        try:
            answer = await helper.ask(do="list")
        except SigningFailed:
            continue
        finally:
            await helper.stop()
        # A driver can write whatever it wants where its helper answers.
        with contextlib.suppress(KeyError, TypeError, ValueError):
            found += [_token(module, token) for token in answer["tokens"]]
    return tuple(found)


def _token(module: Path, said: dict[str, Any]) -> TokenInfo:
    """Return what a helper says of a token; KeyError, TypeError or ValueError when it says no such thing.

    The token's maker wrote the texts, and they are shown before it is known whose token it is.
    """
    label, maker, model, serial = (foreign(str(said[n]), _LONGEST) for n in ("label", "maker", "model", "serial"))
    return TokenInfo(
        module, label, maker, model, serial,
        certificates=tuple(base64.b64decode(text, validate=True) for text in said["certificates"]),
        count_low=bool(said["count_low"]),
        final_try=bool(said["final_try"]),
        locked=bool(said["locked"]),
    )  # fmt: skip


async def find_token(modules: Sequence[Path], fingerprint: str, environment: dict[str, str]) -> TokenInfo:
    """Return the token that holds the certificate, without logging in.

    SigningFailed when none does, or when its PIN is locked.
    """
    for token in await list_tokens(modules, environment):
        if token.holds(fingerprint):
            if token.locked:
                raise _failure("locked")
            return token
    raise _failure("no_token")


class TokenSigner:
    """See :class:`hocba_tui.signing.signer.Signer`."""

    def __init__(self, helper: _Helper, certificate: bytes) -> None:
        self._helper = helper
        self.certificate = certificate

    @classmethod
    async def open(
        cls, token: TokenInfo, fingerprint: str, pin: str, environment: dict[str, str], *, final: bool = False
    ) -> TokenSigner:
        """Try the PIN once on the token that :func:`find_token` found.

        ``final`` says that the person knows that it is the last try. Raises WrongPin when the token refused the PIN,
        SigningFailed when it is gone, locked, or has no key for the certificate.
        """
        helper = await _Helper.start(token.module, environment)
        try:
            await helper.ask(do="login", certificate=fingerprint, pin=pin, final=final)
        except BaseException:
            await helper.stop()
            raise
        certificate = token.holds(fingerprint)
        assert certificate is not None
        return cls(helper, certificate)

    async def sign(self, requests: AsyncIterable[Request]) -> AsyncIterator[Signature]:
        """Yield a signature for each request, in order."""
        async for request in requests:
            answer = await self._helper.ask(do="sign", data=base64.b64encode(request.data).decode())
            try:
                value = base64.b64decode(answer["value"], validate=True)
            except (KeyError, TypeError, ValueError) as error:
                raise _failure("token") from error
            yield Signature(request.name, value)

    async def close(self) -> None:
        """End the helper process, and with it the PIN in its memory."""
        await self._helper.stop()
