"""A token in another computer: p11-kit there, its socket carried here by a real SSH connection on loopback."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hocba_tui.config import Config
from hocba_tui.errors import SigningFailed
from hocba_tui.signing import forwarded
from hocba_tui.signing.forwarded import (
    CLIENT,
    SOCKET_VARIABLE,
    forwarded_environment,
    forwarding_problem,
    hand_over,
    shown_path,
)
from hocba_tui.signing.signer import Request
from hocba_tui.signing.token import TokenSigner, find_token, list_tokens
from tests.conftest import require_tool
from tests.support.elsewhere import token_elsewhere
from tests.support.signed import each
from tests.support.tokens import PIN, OddKey, self_signed

KEY = ec.generate_private_key(ec.SECP256R1())
CERTIFICATE = self_signed(KEY, "Cô Ở Nhà")
FINGERPRINT = hashlib.sha256(CERTIFICATE).hexdigest()
_SECONDS = 20


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _SECONDS
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@contextlib.contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def client() -> Path:
    found = next((module for module in Config.from_environment().modules if module.name == CLIENT), None)
    installed = [module for module in Config.from_environment().modules if module.name == CLIENT and module.exists()]
    tools = all(shutil.which(tool) for tool in ("p11-kit", "ssh", "ssh-keygen")) and Path("/usr/sbin/sshd").exists()
    require_tool("p11-kit và sshd", present=bool(installed) and tools)
    assert found is not None
    return installed[0]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The teacher's computer: a token behind p11-kit's own server; return its socket."""
    with token_elsewhere(tmp_path / "home", OddKey(KEY, CERTIFICATE)) as path:
        yield path


@pytest.fixture
def over_ssh(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """Carry the socket through an SSH server on loopback; yield the client that carries it."""
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "sshd").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder / 'host'}\nAuthorizedKeysFile {folder / 'authorized'}\n"
        "UsePAM no\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        f"AllowStreamLocalForwarding yes\nStreamLocalBindUnlink yes\nPidFile {folder / 'pid'}\n",
        encoding="utf-8",
    )
    here = tmp_path / "here" / "token.sock"
    here.parent.mkdir(mode=0o700)
    monkeypatch.setenv(SOCKET_VARIABLE, str(here))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    options: tuple[str, ...] = (
        "-N",
        "-F",
        "none",
        "-p",
        str(port),
        "-i",
        str(folder / "user"),
        "-o",
        "StrictHostKeyChecking=no",
    )
    options += ("-o", f"UserKnownHostsFile={folder / 'known'}", "-o", "ExitOnForwardFailure=yes")
    with running("/usr/sbin/sshd", "-D", "-f", str(folder / "sshd")):

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        until(listens, "sshd does not listen")
        with running("ssh", *options, "-R", f"{here}:{home}", "127.0.0.1") as carrier:
            until(here.exists, "ssh carried no socket")
            yield carrier


async def test_a_token_elsewhere_is_seen_and_signs_over_ssh(over_ssh: subprocess.Popen[bytes], client: Path) -> None:
    assert forwarding_problem() is None
    environment = forwarded_environment()
    (token,) = await list_tokens([client], environment)
    assert token.certificates == (CERTIFICATE,)
    signer = await TokenSigner.open(token, FINGERPRINT, PIN, environment)
    try:
        made = [found async for found in signer.sign(each(*(Request(str(n), b"data") for n in range(5))))]
    finally:
        await signer.close()
    assert [len(found.value) for found in made] == [64] * 5


async def test_a_line_that_drops_in_the_middle_leaves_what_was_signed(
    over_ssh: subprocess.Popen[bytes], client: Path
) -> None:
    environment = forwarded_environment()
    token = await find_token([client], FINGERPRINT, environment)
    signer = await TokenSigner.open(token, FINGERPRINT, PIN, environment)
    done: list[str] = []

    async def sign_while_the_line_drops() -> None:
        async for found in signer.sign(each(*(Request(str(n), b"data") for n in range(50)))):
            done.append(found.name)
            if len(done) == 3:
                over_ssh.kill()
                over_ssh.wait()

    try:
        with pytest.raises(SigningFailed):
            await sign_while_the_line_drops()
    finally:
        await signer.close()
    assert done[:3] == ["0", "1", "2"]
    assert len(done) < 50


async def test_without_a_socket_the_client_is_not_even_asked(
    client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SOCKET_VARIABLE, str(tmp_path / "none"))
    assert forwarded_environment() == {}
    assert await list_tokens([client], {}) == ()


@pytest.mark.parametrize("odd", ["open folder", "a file", "a link"])
def test_a_socket_that_others_can_reach_or_that_is_none_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    folder = tmp_path / "h"
    folder.mkdir(mode=0o700)
    path = folder / "s"
    monkeypatch.setenv(SOCKET_VARIABLE, str(path))
    with socket.socket(socket.AF_UNIX) as listening:
        if odd == "a file":
            path.write_bytes(b"")
        else:
            listening.bind(str(path))
            assert forwarding_problem() is None
        if odd == "open folder":
            folder.chmod(0o755)
        if odd == "a link":
            path.rename(folder / "t")
            path.symlink_to(folder / "t")
        assert forwarding_problem() is not None
        assert forwarded_environment() == {}


def test_a_folder_that_was_handed_over_is_the_only_one_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarded, "_handed_over", [])
    own, teachers = tmp_path / "own", tmp_path / "teachers"
    for folder in (own, teachers):
        folder.mkdir(mode=0o700)
    monkeypatch.setenv(SOCKET_VARIABLE, str(own / "token.sock"))
    handle = os.open(teachers, os.O_PATH)
    with socket.socket(socket.AF_UNIX) as mine, socket.socket(socket.AF_UNIX) as hers:
        mine.bind(str(own / "token.sock"))
        assert forwarding_problem() is None
        hand_over(handle)
        assert forwarding_problem() == "không có token nào được chuyển tiếp qua SSH"
        hers.bind(str(teachers / "token.sock"))
        assert forwarding_problem() is None
        assert forwarded_environment() == {"P11_KIT_SERVER_ADDRESS": f"unix:path=/proc/self/fd/{handle}/token.sock"}
        assert shown_path() == "~/.hocba/ssh/token.sock"
        hand_over(None)
        assert forwarded_environment() == {}
    os.close(handle)


async def test_a_token_behind_a_folder_that_was_handed_over_signs_in_its_helper(
    over_ssh: subprocess.Popen[bytes], client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarded, "_handed_over", [])
    monkeypatch.delenv(SOCKET_VARIABLE)
    handle = os.open(tmp_path / "here", os.O_PATH | os.O_CLOEXEC)
    hand_over(handle)
    (token,) = await list_tokens([client], forwarded_environment())
    assert token.certificates == (CERTIFICATE,)
    signer = await TokenSigner.open(token, FINGERPRINT, PIN, forwarded_environment())
    try:
        made = [found async for found in signer.sign(each(Request("1", b"data")))]
    finally:
        await signer.close()
    assert [len(found.value) for found in made] == [64]
    os.close(handle)
