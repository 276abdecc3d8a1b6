"""A package is signed while the certificate of its signer is valid."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.export.record.package import open_package, package_file, package_target
from hocba_tui.export.record.signature import signed_info
from hocba_tui.export.record.xmldsig_check import BrokenSignature
from tests.support.state import State


@pytest.fixture(scope="module")
def state(issued_store: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    return State(issued_store, tmp_path_factory.mktemp("state"))


def package(state: State, time: str, label: str = "ends-in-july") -> bytes:
    target = package_target("m1", [state.file()])
    certificate = state.authority.certificate(label).public_bytes(Encoding.DER)
    data = signed_info(target, time, certificate)
    value = state.authority.keys["teacher"].sign(data, padding.PKCS1v15(), hashes.SHA256())
    return package_file(target, time, value, certificate)


def test_a_package_opens_when_its_signer_could_sign_then(state: State) -> None:
    assert open_package(package(state, "2026-06-10T08:00:00+07:00")).files == (state.file(),)


@pytest.mark.parametrize(
    ("time", "word"),
    [
        ("2026-08-10T08:00:00+07:00", "đã hết hạn"),
        ("2019-08-10T08:00:00+07:00", "chưa có hiệu lực"),
        ("2026-06-10T08:00:00", "múi giờ"),
    ],
)
def test_a_package_is_refused_when_its_signer_could_not(state: State, time: str, word: str) -> None:
    with pytest.raises(BrokenSignature, match=word):
        open_package(package(state, time))
