"""Signatures that hold, by an algorithm or a key that proves too little: the algorithm is the only reason to refuse.

Each is put into the principal's slot of a file that passes; xmlsec1 is asked, where it knows the algorithm, whether the
forgery holds.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.model.values import Slot
from tests.support.forging import Forgers, Recipe, Sign, ec_recipe, ecdsa, exponent_one, for_pss_alone, pkcs1
from tests.support.refusal import assert_holds_for_xmlsec1, assert_refused

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SHA1, MD5 = f"{DSIG}sha1", f"{MORE}md5"
WEAK_SHA1, WEAK_MD5 = hashes.SHA1(), hashes.MD5()  # noqa: S303 - that they are weak is the point
HERE = Slot.PRINCIPAL


def test_with_good_keys_of_both_kinds_the_forgers_files_pass(forgers: Forgers, tmp_path: Path) -> None:
    assert verify(forgers.file, forgers.trust(forgers.file)).verdict is Verdict.PASSED
    for slot in Slot:
        key = ec.generate_private_key(ec.SECP256R1())
        data = forgers.sign(slot, ec_recipe(), ecdsa(key), forgers.certify(slot, key.public_key()))
        assert verify(data, forgers.trust(data)).verdict is Verdict.PASSED
        assert_holds_for_xmlsec1(data, slot, tmp_path)


@pytest.mark.parametrize(
    ("recipe", "algorithm"),
    [
        (Recipe(method=f"{DSIG}rsa-sha1"), WEAK_SHA1),
        (Recipe(digests=(SHA1, SHA1)), hashes.SHA256()),
        (Recipe(digests=(SHA1, Recipe().digests[1])), hashes.SHA256()),
        (Recipe(digests=(Recipe().digests[0], SHA1)), hashes.SHA256()),
        (Recipe(method=f"{DSIG}rsa-sha1", digests=(SHA1, SHA1)), WEAK_SHA1),
        (Recipe(method=f"{MORE}rsa-md5"), WEAK_MD5),
        (Recipe(digests=(MD5, MD5)), hashes.SHA256()),
        (Recipe(method=f"{MORE}rsa-md5", digests=(MD5, MD5)), WEAK_MD5),
    ],
    ids=["signed", "digests", "digest of the record", "digest of the time", "all", "md5", "md5 digests", "all md5"],
)
def test_weak_hashes(forgers: Forgers, tmp_path: Path, recipe: Recipe, algorithm: hashes.HashAlgorithm) -> None:
    data = forgers.sign(HERE, recipe, pkcs1(forgers.good(HERE)[0], algorithm))
    assert_holds_for_xmlsec1(data, HERE, tmp_path)
    assert_refused(data, forgers.trust(data))


SECRETS: dict[str, Callable[[bytes], bytes]] = {
    "certificate": lambda der: der,
    "public key": lambda der: _public(der, Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "public key as PEM": lambda der: _public(der, Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "bare public key": lambda der: _public(der, Encoding.DER, PublicFormat.PKCS1),
    "empty": lambda _: b"",
}


def _public(der: bytes, encoding: Encoding, form: PublicFormat) -> bytes:
    return x509.load_der_x509_certificate(der).public_key().public_bytes(encoding, form)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(("method", "name"), [(f"{MORE}hmac-sha256", "sha256"), (f"{DSIG}hmac-sha1", "sha1")])
def test_hmac_with_what_everybody_knows_as_its_secret(
    forgers: Forgers, tmp_path: Path, secret: str, method: str, name: str
) -> None:
    known = SECRETS[secret](forgers.good(HERE)[1])
    data = forgers.sign(HERE, Recipe(method=method), lambda info: hmac.digest(known, info, name))
    if known:
        assert_holds_for_xmlsec1(data, HERE, tmp_path, known)
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize("bits", [0, 8, 80, 128])
def test_hmac_cut_short(forgers: Forgers, bits: int) -> None:
    """HMACOutputLength 0 once made every signature hold (CVE-2009-0217)."""
    recipe = Recipe(f"{MORE}hmac-sha256", method_inside=f"<HMACOutputLength>{bits}</HMACOutputLength>")
    data = forgers.sign(HERE, recipe, lambda info: hmac.digest(b"x", info, "sha256")[: bits // 8])
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize(("exponent", "bits"), [(65537, 1024), (65537, 2047), (3, 2048), (3, 4096)])
def test_rsa_keys_that_are_too_weak(forgers: Forgers, tmp_path: Path, exponent: int, bits: int) -> None:
    key = rsa.generate_private_key(exponent, bits)
    data = forgers.sign(HERE, Recipe(), pkcs1(key), forgers.certify(HERE, key.public_key()))
    assert_holds_for_xmlsec1(data, HERE, tmp_path)
    assert "khóa RSA" in assert_refused(data, forgers.trust(data)).reason


def test_rsa_with_the_exponent_one_that_needs_no_private_key(forgers: Forgers) -> None:
    """With e = 1 the padded message is its own signature: anybody can write it."""
    certificate = forgers.certify_oddly(HERE, exponent_one)
    size = 2048 // 8
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")

    def sign(info: bytes) -> bytes:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(info)
        end = b"\0" + prefix + digest.finalize()
        return b"\0\1" + b"\xff" * (size - 2 - len(end)) + end

    data = forgers.sign(HERE, Recipe(), sign, certificate)
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize("named", ["http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", Recipe().method])
def test_rsa_pss_where_the_recipe_has_pkcs1(forgers: Forgers, named: str) -> None:
    key = forgers.good(HERE)[0]
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    data = forgers.sign(HERE, Recipe(method=named), lambda info: key.sign(info, pss, hashes.SHA256()))
    assert_refused(data, forgers.trust(data))


def test_a_key_that_is_certified_for_pss_alone_signs_nothing_else(forgers: Forgers) -> None:
    data = forgers.sign(HERE, Recipe(), certificate=forgers.certify_oddly(HERE, for_pss_alone))
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize(
    ("curve", "named", "algorithm"),
    [
        (ec.SECP384R1(), "sha384", hashes.SHA384()),
        (ec.SECP384R1(), "sha256", hashes.SHA256()),
        (ec.SECP521R1(), "sha256", hashes.SHA256()),
        (ec.SECP256K1(), "sha256", hashes.SHA256()),
        (ec.BrainpoolP256R1(), "sha256", hashes.SHA256()),
        (ec.SECP224R1(), "sha256", hashes.SHA256()),
        (ec.SECP192R1(), "sha256", hashes.SHA256()),
        (ec.SECP256R1(), "sha1", WEAK_SHA1),
        (ec.SECP256R1(), "sha384", hashes.SHA384()),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_other_curves_and_other_hashes_with_ecdsa(
    forgers: Forgers, tmp_path: Path, curve: ec.EllipticCurve, named: str, algorithm: hashes.HashAlgorithm
) -> None:
    key = ec.generate_private_key(curve)
    certificate = forgers.certify(HERE, key.public_key())
    data = forgers.sign(HERE, Recipe(method=f"{MORE}ecdsa-{named}"), ecdsa(key, algorithm), certificate)
    assert_holds_for_xmlsec1(data, HERE, tmp_path)
    assert_refused(data, forgers.trust(data))


def _dsa() -> tuple[dsa.DSAPrivateKey, Sign]:
    key = dsa.generate_private_key(2048)

    def sign(info: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(info, hashes.SHA256()))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return key, sign


def test_dsa(forgers: Forgers, tmp_path: Path) -> None:
    key, sign = _dsa()
    recipe = Recipe(method="http://www.w3.org/2009/xmldsig11#dsa-sha256")
    data = forgers.sign(HERE, recipe, sign, forgers.certify(HERE, key.public_key()))
    assert_holds_for_xmlsec1(data, HERE, tmp_path)
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize("named", ["http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", Recipe().method])
def test_ed25519(forgers: Forgers, named: str) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    data = forgers.sign(HERE, Recipe(method=named), key.sign, forgers.certify(HERE, key.public_key()))
    assert_refused(data, forgers.trust(data))


@pytest.mark.parametrize("algorithm", [WEAK_SHA1, WEAK_MD5], ids=lambda algorithm: algorithm.name)
def test_a_certificate_that_its_issuer_signed_with_a_weak_hash(
    forgers: Forgers, algorithm: hashes.HashAlgorithm
) -> None:
    sound = forgers.sign(HERE, Recipe(), certificate=forgers.certify_oddly(HERE, lambda _: None))
    assert verify(sound, forgers.trust(sound)).verdict is Verdict.PASSED
    data = forgers.sign(HERE, Recipe(), certificate=forgers.certify_oddly(HERE, lambda _: None, algorithm))
    assert_refused(data, forgers.trust(data))
