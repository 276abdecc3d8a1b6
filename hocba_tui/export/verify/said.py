"""What the verifier says of each signature, and on what it rests, in the form in which it is shown."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives import hashes

from hocba_tui.clock import VIETNAM
from hocba_tui.export.trust.certificate import holder_name, in_words, says_training, unit_of
from hocba_tui.export.trust.verdict import Basis, SlotVerdict, basis_for, together
from hocba_tui.export.verify.work import Signer, Work


def said_of(signer: Signer) -> SlotVerdict:
    """Return one signature's verdict with whatever the certificate under which it holds says."""
    certificate, path = signer.certificate, signer.path
    found = together(("", each) for each in signer.found)
    return SlotVerdict(
        slot=signer.signed.slot,
        verdict=found.verdict,
        time=signer.signed.time,
        holder=holder_name(certificate),
        unit=unit_of(certificate),
        personal_id=signer.personal_id,
        issuer=in_words(certificate.issuer),
        serial=f"{certificate.serial_number:x}",
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        valid_from=_local(certificate.not_valid_before_utc),
        valid_to=_local(certificate.not_valid_after_utc),
        training=says_training(certificate) or (path is not None and path.anchor.training),
        reason=found.reason if found.verdict is not found.verdict.PASSED else "",
        codes=tuple(dict.fromkeys(code for each in signer.found for code in each.codes)),
        stamp_time=signer.stamp_time,
        stamp_authority=signer.stamp_authority,
        proved_time=_local(signer.proved) if signer.proved is not None else "",
    )


def basis_of(work: Work) -> Basis:
    """Return when, by which program, and on which anchors and answers a file was judged."""
    anchors = {
        signer.path.anchor.certificate.fingerprint(hashes.SHA256()).hex()
        for signer in work.signers
        if signer.path is not None
    }
    answers = {answer for signer in work.signers for answer in signer.answers if answer}
    return basis_for(work.data, work.now, anchors, answers)


def _local(at: datetime) -> str:
    return at.astimezone(VIETNAM).isoformat()
