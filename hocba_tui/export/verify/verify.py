"""The verifier: numbered steps, each with its own result, that trust nothing in the file.

Everything that is shown to a person comes from the bytes that step 5 proved to be signed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace

from hocba_tui.export.record.profile import DEFAULT, load_profile
from hocba_tui.export.record.schema import NotWellFormed, parse
from hocba_tui.export.record.xades import XADES
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.program_error import program_error
from hocba_tui.export.trust.verdict import FileVerdict, Step, StepResult, Verdict, worst
from hocba_tui.export.verify.contents import (
    parse_file,
    required_slots,
    same_bytes,
    signatures,
    signed_values,
    structure,
)
from hocba_tui.export.verify.signers import certificates, holders, order, revocation
from hocba_tui.export.verify.stamps import stamper_certificates, stamps
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


def verify(data: bytes, trust: Trust, profile: str = "", *, complete: bool = True) -> FileVerdict:
    """Return the verdict on a record. ``complete`` False accepts a record that is not fully signed yet.

    Without a profile, the file is held to the one by whose outline it is recognised, and the verdict names it. An
    exception that no step foresees is an error of this program: the file is INDETERMINATE, and none of it is shown.
    """
    work = Work(data, load_profile(profile or DEFAULT), trust, complete, recognises=not profile)
    done: list[Step] = []
    for step in STEPS:
        try:
            result = step.run(work)
        except StepFailed as failed:
            done.append(Step(step.number, step.name, Verdict.FAILED, str(failed)))
            return _stopped(work, done)
        except Exception as error:  # noqa: BLE001 - a hostile file must not end the verification of the others
            done.append(Step(step.number, step.name, Verdict.INDETERMINATE, program_error(error)))
            return _stopped(work, done, by_error=True)
        done.append(Step(step.number, step.name, result.verdict, result.reason))
    found = worst(step.verdict for step in done)
    return FileVerdict(found, tuple(done), work.slots, work.profile.name, work.uuid, signed_values(work))


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
    """Return the verdict of the step that stopped the verification; each signature has it too, no value is shown.

    What an earlier step had to say of a signature is not the reason of this verdict.
    """
    verdict = done[-1].verdict
    slots = tuple(replace(slot, verdict=verdict, reason="") for slot in work.slots)
    return FileVerdict(verdict, tuple(done), slots, work.profile.name, program_error=by_error)
