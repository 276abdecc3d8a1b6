"""Tokens as they are found: ECDSA, ids that do not agree, a PIN for every signature, several keys."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from hocba_tui.config import softhsm_module
from hocba_tui.errors import SigningFailed
from hocba_tui.signing.signer import Request
from hocba_tui.signing.token import TokenSigner, find_token, list_tokens
from tests.conftest import require_tool
from tests.support.signed import each
from tests.support.tokens import PIN, OddKey, PrivateKey, make_token, self_signed

DATA = b"<SignedInfo>"


@pytest.fixture(scope="module")
def module() -> Path:
    found = softhsm_module()
    require_tool("softhsm2", present=found is not None and shutil.which("softhsm2-util") is not None)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def rsa_keys() -> list[rsa.RSAPrivateKey]:
    return [rsa.generate_private_key(65537, 2048) for _ in range(3)]


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


async def signature_by(environment: dict[str, str], module: Path, certificate: bytes, count: int = 1) -> list[bytes]:
    fingerprint = hashlib.sha256(certificate).hexdigest()
    token = await find_token([module], fingerprint, environment)
    signer = await TokenSigner.open(token, fingerprint, PIN, environment)
    try:
        requests = each(*(Request(str(number), DATA) for number in range(count)))
        return [made.value async for made in signer.sign(requests)]
    finally:
        await signer.close()


def holds(certificate: bytes, value: bytes) -> None:
    key = x509.load_der_x509_certificate(certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(value, DATA, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert len(value) == 64
        r, s = (int.from_bytes(half, "big") for half in (value[:32], value[32:]))
        key.verify(encode_dss_signature(r, s), DATA, ec.ECDSA(hashes.SHA256()))


async def test_an_elliptic_key_signs_as_xmldsig_writes_it(module: Path, tmp_path: Path) -> None:
    odd = OddKey(key := p256(), self_signed(key))
    environment = make_token(tmp_path / "t", module, odd)
    (value,) = await signature_by(environment, module, odd.certificate)
    holds(odd.certificate, value)


@pytest.mark.parametrize("each_time_key", ["rsa", "ec"])
async def test_a_key_that_wants_the_pin_each_time_gets_it(
    module: Path, tmp_path: Path, rsa_keys: list[rsa.RSAPrivateKey], each_time_key: str
) -> None:
    key: PrivateKey = rsa_keys[0] if each_time_key == "rsa" else p256()
    odd = OddKey(key, self_signed(key), each_time=True)
    environment = make_token(tmp_path / "t", module, odd)
    for value in await signature_by(environment, module, odd.certificate, 3):
        holds(odd.certificate, value)


async def test_without_a_common_id_the_public_key_decides(
    module: Path, tmp_path: Path, rsa_keys: list[rsa.RSAPrivateKey]
) -> None:
    odd = [
        OddKey(key, self_signed(key), bytes([9 - number]), bytes([number + 1])) for number, key in enumerate(rsa_keys)
    ]
    elliptic = [OddKey(key, self_signed(key), bytes([40 + n]), b"") for n, key in enumerate((p256(), p256()))]
    environment = make_token(tmp_path / "t", module, *odd, *elliptic)
    for each_odd in (*odd, *elliptic):
        (value,) = await signature_by(environment, module, each_odd.certificate)
        holds(each_odd.certificate, value)


async def test_one_id_for_everything_does_not_mislead(
    module: Path, tmp_path: Path, rsa_keys: list[rsa.RSAPrivateKey]
) -> None:
    odd = [OddKey(key, self_signed(key)) for key in rsa_keys]
    environment = make_token(tmp_path / "t", module, *odd)
    for each_odd in odd:
        (value,) = await signature_by(environment, module, each_odd.certificate)
        holds(each_odd.certificate, value)


async def test_a_hidden_elliptic_key_is_found_by_its_id_or_because_it_is_the_only_one(
    module: Path, tmp_path: Path
) -> None:
    by_id = [
        OddKey(key, self_signed(key), id_, id_, shows_public=False) for key, id_ in ((p256(), b"a"), (p256(), b"b"))
    ]
    environment = make_token(tmp_path / "two", module, *by_id)
    for odd in by_id:
        (value,) = await signature_by(environment, module, odd.certificate)
        holds(odd.certificate, value)
    alone = OddKey(key := p256(), self_signed(key), b"a", b"b", shows_public=False)
    environment = make_token(tmp_path / "one", module, alone)
    (value,) = await signature_by(environment, module, alone.certificate)
    holds(alone.certificate, value)


async def test_a_certificate_without_its_key_is_said(
    module: Path, tmp_path: Path, rsa_keys: list[rsa.RSAPrivateKey]
) -> None:
    stranger = OddKey(rsa_keys[0], self_signed(rsa_keys[1]))
    environment = make_token(tmp_path / "t", module, stranger)
    with pytest.raises(SigningFailed, match="không có khóa"):
        await signature_by(environment, module, stranger.certificate)


async def test_what_a_token_tells_without_a_pin(module: Path, tmp_path: Path) -> None:
    odd = OddKey(key := p256(), self_signed(key))
    environment = make_token(tmp_path / "t", module, odd, label="Cô Hoa")
    (token,) = await list_tokens([module], environment)
    assert (token.label, token.maker, token.certificates) == ("Cô Hoa", "SoftHSM project", (odd.certificate,))
    assert token.serial
    assert token.tries == ""
