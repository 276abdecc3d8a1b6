"""A school's own tokens: seen, registered once, and from then on they alone decide."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from hocba_tui.config import softhsm_module
from hocba_tui.demo.school import DemoSchool
from hocba_tui.errors import NotAllowed, Refused, SigningFailed
from hocba_tui.export.record.assembly import record_file
from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.jobs import Done
from hocba_tui.flow.records.keys import with_key
from hocba_tui.flow.records.register_certificate import look_at_tokens, register, register_seal
from hocba_tui.flow.records.signatures import signatures_of
from hocba_tui.flow.records.submit import submit
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.text import day_first
from tests.conftest import require_tool
from tests.support.signed import fill_gaps, open_first_round
from tests.support.tokens import PIN, OddKey, issued_to, make_token

Plug = Callable[..., str]


@pytest.fixture
def module() -> Path:
    found = softhsm_module()
    require_tool("softhsm2", present=found is not None and shutil.which("softhsm2-util") is not None)
    assert found is not None
    return found


@pytest.fixture
def plug(store_root: Path, module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Plug in a token with a new elliptic key for a name; return the fingerprint of its certificate."""
    shutil.rmtree(store_root / "training" / "keys")

    def plug_in(name: str, *, trusted: bool = True) -> str:
        key = ec.generate_private_key(ec.SECP256R1())
        der, authority = issued_to(key, name)
        for variable, value in make_token(
            tmp_path / f"t{len(list(tmp_path.iterdir()))}", module, OddKey(key, der)
        ).items():
            monkeypatch.setenv(variable, value)
        certificate = x509.load_der_x509_certificate(der)
        if trusted:
            (store_root / "trust" / f"{name}.pem").write_bytes(authority)
        return certificate.fingerprint(hashes.SHA256()).hex()

    return plug_in


async def test_what_is_plugged_in_is_shown_with_whose_it_is(store_root: Path, plug: Plug, module: Path) -> None:
    desk = open_desk(store_root, "gv.5a")
    sha256 = plug(desk.actor.name)
    (seen,) = await look_at_tokens(desk, [module])
    (certificate,) = seen.certificates
    assert (certificate.fingerprint, certificate.holder, certificate.registered) == (sha256, desk.actor.name, "")
    assert certificate.problem == ""
    assert await register(desk, "gv.5a", sha256[:8], [module]) is None
    (seen,) = await look_at_tokens(open_desk(store_root, "gv.5a"), [module])
    assert seen.certificates[0].registered == f"{desk.actor.name} (gv.5a)"
    assert day_first(open_desk(store_root, "gv.5a").actor.certificate_until) == certificate.valid.split()[-1]


async def test_a_record_signed_with_an_elliptic_key_of_ones_own_holds(
    store_root: Path, plug: Plug, module: Path, demo: DemoSchool
) -> None:
    fill_gaps(store_root, demo)
    open_first_round(store_root)
    desk = open_desk(store_root, "gv.5a")
    await register(desk, "gv.5a", plug(desk.actor.name), [module])
    desk = open_desk(store_root, "gv.5a")
    done: list[Done] = [
        item async for item in with_key(desk, Slot.HOMEROOM, PIN, lambda signer: submit(desk, "5A", signer))
    ]
    assert len(done) == 31
    shard, profile = desk.class_shard("5A"), load_profile("hbs-1.0")
    trust = Trust.from_folders([store_root / "trust"])
    record = next(found for found in desk.records("5A").values() if found.state is RecordState.SUBMITTED)
    (made,) = signatures_of(shard, record)
    region = shard.kept(record.frozen)
    data = record_file(profile, record.uuid, region, (made,))
    found = verify(data, trust, complete=False)
    assert found.verdict is Verdict.INDETERMINATE, "nobody has asked about revocation"
    assert [step.number for step in found.steps if step.verdict is Verdict.FAILED] == []
    for place in (0, 31, 32, 63):
        flipped = bytearray(made.value)
        flipped[place] ^= 1
        altered = record_file(profile, record.uuid, region, (replace(made, value=bytes(flipped)),))
        assert verify(altered, trust, complete=False).verdict is Verdict.FAILED


async def test_the_other_form_of_an_elliptic_signature_is_another_file_and_refused(
    store_root: Path, plug: Plug, module: Path, demo: DemoSchool
) -> None:
    import base64

    from hocba_tui.export.trust.algorithms import _P256_ORDER

    fill_gaps(store_root, demo)
    open_first_round(store_root)
    desk = open_desk(store_root, "gv.5a")
    await register(desk, "gv.5a", plug(desk.actor.name), [module])
    desk = open_desk(store_root, "gv.5a")
    _ = [item async for item in with_key(desk, Slot.HOMEROOM, PIN, lambda signer: submit(desk, "5A", signer))]
    shard = desk.class_shard("5A")
    record = next(found for found in desk.records("5A").values() if found.state is RecordState.SUBMITTED)
    (made,) = signatures_of(shard, record)
    data = record_file(load_profile("hbs-1.0"), record.uuid, shard.kept(record.frozen), (made,))
    s = int.from_bytes(made.value[32:], "big")
    forms = [made.value[:32] + value.to_bytes(32, "big") for value in (s, _P256_ORDER - s)]
    texts = [base64.b64encode(value) for value in forms]
    (kept,) = [text for text in texts if text in data]
    (other,) = [text for text in texts if text != kept]
    trust = Trust.from_folders([store_root / "trust"])
    assert verify(data, trust, complete=False).verdict is Verdict.INDETERMINATE
    assert verify(data.replace(kept, other), trust, complete=False).verdict is Verdict.FAILED


async def test_an_issuer_whom_nobody_trusts_is_refused(store_root: Path, plug: Plug, module: Path) -> None:
    desk = open_desk(store_root, "gv.5a")
    with pytest.raises(SigningFailed, match="danh sách tin cậy"):
        await register(desk, "gv.5a", plug(desk.actor.name, trusted=False), [module])
    assert open_desk(store_root, "gv.5a").actor.certificate == desk.actor.certificate


async def test_a_teacher_registers_only_her_own(store_root: Path, plug: Plug, module: Path) -> None:
    sha256 = plug("Ai đó")
    with pytest.raises(NotAllowed):
        await register(open_desk(store_root, "gv.5a"), "hieutruong", sha256, [module])
    warning = await register(open_desk(store_root, "admin"), "gv.5a", sha256, [module])
    assert warning is not None
    assert "Ai đó" in warning
    with pytest.raises(Refused, match="đã đăng ký cho"):
        await register(open_desk(store_root, "gv.tin"), "gv.tin", sha256, [module])
    with pytest.raises(Refused, match="chứng thư cá nhân"):
        await register_seal(open_desk(store_root, "hieutruong"), sha256, [module])


async def test_the_seal_is_registered_and_pinned_for_the_verifier(store_root: Path, plug: Plug, module: Path) -> None:
    sha256 = plug("Trường Tiểu học Thử")
    with pytest.raises(NotAllowed):
        await register_seal(open_desk(store_root, "gv.5a"), sha256, [module])
    await register_seal(open_desk(store_root, "hieutruong"), sha256, [module])
    assert open_desk(store_root, "vanthu").school.seal_certificate == sha256
    assert open_desk(store_root, "vanthu").school.seal_until > "2026"
    assert sha256 in Trust.from_folders([store_root / "trust"]).seals
    with pytest.raises(Refused, match="con dấu của trường"):
        await register(open_desk(store_root, "gv.5a"), "gv.5a", sha256, [module])


@pytest.mark.parametrize("typed", ["", "0000", "zz"])
async def test_a_code_that_is_not_plugged_in_is_said(store_root: Path, plug: Plug, module: Path, typed: str) -> None:
    desk = open_desk(store_root, "gv.5a")
    plug(desk.actor.name)
    with pytest.raises(Refused, match="Không thấy chứng thư"):
        await register(desk, "gv.5a", typed, [module])
