from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hocba_tui.config import softhsm_module
from hocba_tui.errors import SigningFailed, WrongPin
from hocba_tui.flow.opening import open_desk
from hocba_tui.signing.signer import Request, Signature
from hocba_tui.signing.token import TokenSigner, find_token, list_tokens
from hocba_tui.signing.training import PIN, token_environment
from tests.support.signed import each


@pytest.fixture(scope="module")
def modules() -> list[Path]:
    found = softhsm_module()
    return [found] if found else []


async def open_token(root: Path, modules: list[Path], pin: str = PIN, account: str = "gv.5a") -> TokenSigner:
    fingerprint = open_desk(root, "gv.5a").staff(account).certificate
    environment = token_environment(root)
    return await TokenSigner.open(await find_token(modules, fingerprint, environment), fingerprint, pin, environment)


async def collect(signer: TokenSigner, requests: list[Request]) -> list[Signature]:
    return [signature async for signature in signer.sign(each(*requests))]


async def test_tokens_are_listed_without_a_login(made_token_store: Path, modules: list[Path]) -> None:
    tokens = await list_tokens(modules, token_environment(made_token_store))
    assert {"gv.5a", "hieutruong", "condau"} <= {token.label for token in tokens}
    assert all(len(token.certificates) == 1 for token in tokens)


async def test_a_signature_verifies_with_the_certificate_of_the_token(
    made_token_store: Path, modules: list[Path]
) -> None:
    signer = await open_token(made_token_store, modules)
    made = await collect(signer, [Request("a", b"one"), Request("b", b"two")])
    await signer.close()
    key = x509.load_der_x509_certificate(signer.certificate).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    for signature, data in zip(made, (b"one", b"two"), strict=True):
        key.verify(signature.value, data, padding.PKCS1v15(), hashes.SHA256())


async def test_the_token_is_found_by_its_certificate_not_by_its_name(
    made_token_store: Path, modules: list[Path]
) -> None:
    signer = await open_token(made_token_store, modules, account="hieutruong")
    expected = open_desk(made_token_store, "hieutruong").actor.certificate
    assert hashlib.sha256(signer.certificate).hexdigest() == expected
    await signer.close()


async def test_a_wrong_pin_is_said_and_never_tried_again(made_token_store: Path, modules: list[Path]) -> None:
    with pytest.raises(WrongPin) as caught:
        await open_token(made_token_store, modules, pin="999999")
    assert "999999" not in str(caught.value)
    signer = await open_token(made_token_store, modules)
    await signer.close()


async def test_no_token_is_said_before_a_pin_is_tried(made_token_store: Path, modules: list[Path]) -> None:
    with pytest.raises(SigningFailed, match="Không thấy token"):
        await find_token(modules, "0" * 64, token_environment(made_token_store))


async def test_a_module_that_does_not_load_is_passed_over(made_token_store: Path, tmp_path: Path) -> None:
    broken = tmp_path / "libbroken.so"
    broken.write_bytes(b"not a library")
    assert await list_tokens([broken], token_environment(made_token_store)) == ()


async def test_a_driver_that_dies_is_an_error_and_not_the_end(made_token_store: Path, modules: list[Path]) -> None:
    signer = await open_token(made_token_store, modules)
    assert len(await collect(signer, [Request("a", b"one")])) == 1
    signer._helper._process.kill()
    await signer._helper._process.wait()
    with pytest.raises(SigningFailed, match="dừng đột ngột"):
        await collect(signer, [Request("b", b"two")])
    await signer.close()


async def test_the_helper_ends_with_the_batch(made_token_store: Path, modules: list[Path]) -> None:
    signer = await open_token(made_token_store, modules)
    process = signer._helper._process
    await signer.close()
    assert process.returncode is not None


async def test_a_module_in_the_folder_of_the_person_does_not_hear_the_pin(
    made_token_store: Path, modules: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "base64", "pkcs11"):
        (tmp_path / f"{name}.py").write_text("open('heard', 'w').write('loaded')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    signer = await open_token(made_token_store, modules)
    await signer.close()
    assert not (tmp_path / "heard").exists()
