"""What real tokens do and SoftHSM never does: lock, disappear, crash, answer garbage, chatter."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hocba_tui.config import softhsm_module
from hocba_tui.errors import SigningFailed, WrongPin
from hocba_tui.signing.signer import Request
from hocba_tui.signing.token import TokenInfo, TokenSigner, _Helper, find_token, list_tokens
from tests.conftest import require_tool
from tests.support.signed import each
from tests.support.tokens import PIN, OddKey, make_token, self_signed

Environment = Callable[..., dict[str, str]]
KEY = ec.generate_private_key(ec.SECP256R1())
CERTIFICATE = self_signed(KEY)
FINGERPRINT = hashlib.sha256(CERTIFICATE).hexdigest()


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Return the surroundings of a token with these faults."""
    real = softhsm_module()
    require_tool("softhsm2", present=real is not None and shutil.which("softhsm2-util") is not None)
    assert real is not None
    base = make_token(tmp_path / "t", real, OddKey(KEY, CERTIFICATE))

    def faults(**settings: int) -> dict[str, str]:
        named = {f"FAULT_{name.upper()}": str(value) for name, value in settings.items()}
        return {**base, **named, "FAULT_MODULE": str(real), "FAULT_STATE": str(tmp_path / "state")}

    return faults


async def sign(module: Path, environment: dict[str, str], count: int, done: list[str], pin: str = PIN) -> None:
    token = await find_token([module], FINGERPRINT, environment)
    signer = await TokenSigner.open(token, FINGERPRINT, pin, environment)
    try:
        async for made in signer.sign(each(*(Request(str(number), b"data") for number in range(count)))):
            done.append(made.name)  # noqa: PERF401 - what was done before a failure counts
    finally:
        await signer.close()


def wrong_pins(environment: dict[str, str]) -> int:
    return int(Path(environment["FAULT_STATE"]).read_text(encoding="ascii").split()[0])


async def token_of(module: Path, environment: dict[str, str]) -> TokenInfo:
    (token,) = await list_tokens([module], environment)
    return token


async def test_three_wrong_pins_are_three_acts_of_a_person_and_then_it_says_locked(
    fault_module: Path, environment: Environment
) -> None:
    faults = environment(locks=3)
    assert (await token_of(fault_module, faults)).tries == ""
    with pytest.raises(WrongPin):
        await sign(fault_module, faults, 1, [], pin="0000")
    assert (await token_of(fault_module, faults)).tries == "đã có lần gõ sai PIN"
    with pytest.raises(WrongPin):
        await sign(fault_module, faults, 1, [], pin="0000")
    token = await token_of(fault_module, faults)
    assert token.tries == "chỉ còn MỘT lần thử PIN"
    with pytest.raises(SigningFailed, match="một lần thử"):
        await sign(fault_module, faults, 1, [], pin="0000")
    assert (await token_of(fault_module, faults)).final_try, "the last try was spent without a second confirmation"
    with pytest.raises(WrongPin):
        await TokenSigner.open(token, FINGERPRINT, "0000", faults, final=True)
    assert (await token_of(fault_module, faults)).locked
    with pytest.raises(SigningFailed, match="khóa PIN"):
        await sign(fault_module, faults, 1, [])
    with pytest.raises(SigningFailed, match="khóa PIN"):
        await TokenSigner.open(token, FINGERPRINT, "0000", faults, final=True)
    assert wrong_pins(faults) == 3, "a locked token was tried again"


async def test_the_right_pin_on_the_last_try_signs(fault_module: Path, environment: Environment) -> None:
    faults = environment(locks=2)
    with pytest.raises(WrongPin):
        await sign(fault_module, faults, 1, [], pin="0000")
    token = await token_of(fault_module, faults)
    signer = await TokenSigner.open(token, FINGERPRINT, PIN, faults, final=True)
    await signer.close()
    assert (await token_of(fault_module, faults)).tries == ""


async def test_a_token_pulled_in_the_middle_leaves_what_was_signed(
    fault_module: Path, environment: Environment
) -> None:
    done: list[str] = []
    with pytest.raises(SigningFailed, match="rút ra"):
        await sign(fault_module, environment(gone_at=4), 9, done)
    assert done == ["0", "1", "2"]
    with pytest.raises(SigningFailed, match="Không thấy token"):
        await sign(fault_module, environment(gone_at=4), 9, done)


async def test_a_driver_that_crashes_leaves_what_was_signed(fault_module: Path, environment: Environment) -> None:
    done: list[str] = []
    with pytest.raises(SigningFailed, match="dừng đột ngột"):
        await sign(fault_module, environment(crash_at=3), 9, done)
    assert done == ["0", "1"]
    await sign(fault_module, environment(), 2, done)
    assert done == ["0", "1", "0", "1"]


async def test_a_driver_that_prints_does_not_garble_the_answers(fault_module: Path, environment: Environment) -> None:
    done: list[str] = []
    await sign(fault_module, environment(noise=1), 2, done)
    assert done == ["0", "1"]


def test_the_process_with_the_pin_cannot_be_dumped() -> None:
    program = (
        "import ctypes, resource; from hocba_tui.confine.memory import hide_memory; hide_memory(); "
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["0", "0", "0"]


async def test_no_pin_on_the_command_line_or_in_the_environment(fault_module: Path, environment: Environment) -> None:
    faults = environment()
    pin = "a-pin-found-nowhere"
    helper = await _Helper.start(fault_module, faults)
    try:
        with pytest.raises(WrongPin) as caught:
            await helper.ask(do="login", certificate=FINGERPRINT, pin=pin, final=False)
        process = Path(f"/proc/{helper._process.pid}")
        seen = [(process / name).read_bytes() for name in ("cmdline", "environ")] if os.geteuid() == 0 else []
        assert all(pin.encode() not in text for text in seen)
        assert pin not in repr(caught.value)
    finally:
        await helper.stop()
