"""Step 7 of the verifier: whether those who signed are those whom the record names."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.export.record.profile import SlotPlace
from hocba_tui.export.trust.certificate import fingerprint, holder_id, holder_name
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.pins import Registration, seal_words
from hocba_tui.export.trust.verdict import StepResult, failed, not_known
from hocba_tui.export.verify.work import Signer, Work
from hocba_tui.text import fold

SCHOOL_CODE = "MA_TRUONG"
"""The field of the region that says whose record it is."""


def holders(work: Work) -> StepResult:
    """Judge whether the people named inside hold the certificates, and the seal is that of the record's school."""
    return work.each(lambda signer: _holder(work, signer))


def _holder(work: Work, signer: Signer) -> Iterator[StepResult]:
    place = work.profile.place(signer.signed.slot)
    registration = work.trust.people.get(fingerprint(signer.signed.certificate))
    held = holder_id(signer.certificate)
    signer.personal_id = registration.personal_id if registration is not None else held
    if not place.holder:
        yield from _seal(work, signer, held, registration)
    else:
        yield from _person(work, signer, place, held, registration)


def _person(
    work: Work, signer: Signer, place: SlotPlace, held: str, registration: Registration | None
) -> Iterator[StepResult]:
    """Judge a person. A registration is the identity; without one, the certificate's own number and name are."""
    number, name = work.text(place.holder), work.text(place.name)
    if not number and not name:
        yield not_known("học bạ không ghi ai ký ở chỗ này, nên không đối chiếu được", Code.SIGNER_NOT_KNOWN)
        return
    if registration is not None:
        if held and registration.personal_id and held != registration.personal_id:
            yield not_known("số định danh trên chứng thư khác số đã đăng ký ở đây; xem lại đăng ký",
                            Code.SIGNER_NOT_KNOWN)  # fmt: skip
        if registration.until is not None and signer.claimed > registration.until:
            yield not_known("khai ký sau khi chứng thư này đã thôi được đăng ký cho người ấy", Code.SIGNER_NOT_KNOWN)
    if number and signer.personal_id and signer.personal_id != number:
        yield failed("chứng thư thuộc về người khác với người ghi trong học bạ", Code.OTHER_SIGNER)
        return
    names = [holder_name(signer.certificate), *([registration.name] if registration is not None else [])]
    if not any(fold(name) in fold(each) for each in names):
        differs = "tên trên chứng thư khác tên ghi trong học bạ"
        yield failed(differs, Code.OTHER_SIGNER) if signer.personal_id else not_known(differs, Code.SIGNER_NOT_KNOWN)
    elif not signer.personal_id:
        yield not_known(
            "chứng thư không ghi số định danh để đối chiếu, và chưa đăng ký ở đây; hỏi trường về người ký",
            Code.SIGNER_NOT_KNOWN,
        )
    elif not number:
        yield not_known("học bạ không ghi số định danh của người ký, mới đối chiếu được tên", Code.SIGNER_NOT_KNOWN)


def _seal(work: Work, signer: Signer, held: str, registration: Registration | None) -> Iterator[StepResult]:
    """Judge the seal. An issuer of the state certifies every official, so only a seal pinned for the school counts."""
    others = [other.signed.certificate for other in work.signers if other is not signer]
    if held or registration is not None or signer.signed.certificate in others:
        yield failed("đây là chứng thư cá nhân, không phải con dấu của trường", Code.SEAL_NOT_PINNED)
        return
    code = work.text(SCHOOL_CODE)
    sha256 = fingerprint(signer.certificate.public_bytes(Encoding.DER))
    words = seal_words(holder_name(signer.certificate), sha256)
    codes = work.trust.seals.get(sha256)
    if codes is not None and code in codes:
        return
    if codes:
        whose = ", ".join(sorted(codes))
        yield failed(
            f"con dấu {words} là của trường mã {whose}, học bạ lại ghi trường mã {code}", Code.SEAL_OF_ANOTHER_SCHOOL
        )
    elif codes is not None:
        yield not_known(
            f"con dấu {words} đã ghim nhưng chưa ghi là của trường nào, nên chưa tính cho trường nào;"
            f" ghim lại: hocba trust add TỆP --school {code}",
            Code.SEAL_WITHOUT_SCHOOL,
        )
    elif code in work.trust.own:
        yield failed(f"con dấu {words} không phải con dấu đã đăng ký của trường mã {code}", Code.SEAL_NOT_PINNED)
    else:
        yield not_known(
            f"con dấu của trường khác, chưa ghim ở đây: {words}; gọi điện cho trường mã {code} để so dãy số ấy,"
            f" rồi ghim: hocba trust add TỆP --school {code}",
            Code.SEAL_NOT_PINNED,
        )
