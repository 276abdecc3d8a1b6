"""The verifier: numbered steps, each with its own result, that trust nothing in the file.

Everything that is shown to a person comes from the bytes that step 5 proved to be signed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from hocba_tui.export.record.profile import DEFAULT, load_profile
from hocba_tui.export.record.schema import NotWellFormed, parse
from hocba_tui.export.record.xades import XADES
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.program_error import program_error
from hocba_tui.export.trust.verdict import FileVerdict, SlotVerdict, Step, StepResult, Verdict, worst
from hocba_tui.export.verify.contents import (
    parse_file,
    required_slots,
    same_bytes,
    signatures,
    signed_values,
    structure,
)
from hocba_tui.export.verify.contradictions import contradictions
from hocba_tui.export.verify.holders import holders
from hocba_tui.export.verify.said import basis_of, said_of
from hocba_tui.export.verify.signers import certificates, order
from hocba_tui.export.verify.stamps import stamper_certificates, stamps
from hocba_tui.export.verify.standing import revocation
from hocba_tui.export.verify.work import StepFailed, Work


@dataclass(frozen=True)
class StepOfVerifier:
    """One step: its number, its name on the screen, and what carries it out.

    ``run`` raises StepFailed when the step fails because of the file.
    """

    number: int
    name: str
    run: Callable[[Work], StepResult]


STEPS = (
    StepOfVerifier(1, "đọc tệp", parse_file),
    StepOfVerifier(2, "cấu trúc", structure),
    StepOfVerifier(3, "khuôn từng byte", same_bytes),
    StepOfVerifier(4, "đủ chữ ký", required_slots),
    StepOfVerifier(5, "toàn vẹn và chữ ký", signatures),
    StepOfVerifier(6, "chứng thư", certificates),
    StepOfVerifier(7, "đúng người ký", holders),
    StepOfVerifier(8, "thứ tự ký", order),
    StepOfVerifier(9, "dấu thời gian", stamps),
    StepOfVerifier(10, "thu hồi chứng thư", revocation),
)
"""In the order in which they are carried out; each relies on what the steps before it have proved."""


def verify(
    data: bytes,
    trust: Trust,
    profile: str = "",
    *,
    complete: bool = True,
    now: datetime | None = None,
    existed: datetime | None = None,
) -> FileVerdict:
    """Return the verdict on a record. ``complete`` False accepts a record that is not fully signed yet.

    ``now`` is the time of asking; ``existed`` one at which the school's own journal proves that this very file was
    there. Without a profile, the file is held to the one by whose outline it is recognised, and the verdict names it.
    Steps 1 to 5 end the way when they fail; from then on each signature is judged to the end by itself. An exception
    that no step foresees is an error of this program: the file is INDETERMINATE, and none of it is shown.
    """
    asked = now or datetime.now(UTC)
    work = Work(data, load_profile(profile or DEFAULT), trust, complete, asked, existed, recognises=not profile)
    done: list[Step] = []
    for step in STEPS:
        try:
            result = step.run(work)
        except StepFailed as failed:
            done.append(Step(step.number, step.name, *failed.result))
            return _stopped(work, done)
        except Exception as error:  # noqa: BLE001 - a hostile file must not end the verification of the others
            codes = (Code.PROGRAM_ERROR,)
            done.append(Step(step.number, step.name, Verdict.INDETERMINATE, program_error(error), codes))
            return _stopped(work, done, by_error=True)
        done.append(Step(step.number, step.name, *result))
    found = worst(step.verdict for step in done)
    good = found is not Verdict.FAILED
    return FileVerdict(
        found,
        tuple(done),
        tuple(said_of(signer) for signer in work.signers),
        work.profile.name,
        work.uuid if good else "",
        signed_values(work) if good else {},
        warnings=contradictions(work) if good else (),
        basis=basis_of(work),
    )


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates (DER) that a file and its time-stamps carry; none when it cannot be read."""
    try:
        root = parse(data)
        signers, tokens = (
            [base64.b64decode(element.text or "", validate=True) for element in root.iter(name)]
            for name in (f"{{{DSIG}}}X509Certificate", f"{{{XADES}}}EncapsulatedTimeStamp")
        )
    except (NotWellFormed, ValueError):
        return ()
    return (*signers, *stamper_certificates(tokens))


def _stopped(work: Work, done: list[Step], *, by_error: bool = False) -> FileVerdict:
    """Return the verdict of the step that stopped the verification; nothing of the file is shown."""
    slots: tuple[SlotVerdict, ...] = ()
    if not by_error:
        slots = tuple(said_of(signer) for signer in work.signers)
    return FileVerdict(
        done[-1].verdict, tuple(done), slots, work.profile.name, program_error=by_error, basis=basis_of(work)
    )
