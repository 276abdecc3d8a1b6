"""Who signed, when, on what evidence: every kind of file whose mathematics holds and whose signer is the question.

Judged at a fixed time. Signatures, certificates and answers are a rival's (tests/support/rival.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import core  # type: ignore[import-untyped]

from hocba_tui.export.report import details, record_sections
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.verdict import FileVerdict, Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.verify.files import verify_files
from hocba_tui.model.values import Slot
from tests.attacks.conftest import Form
from tests.support.forging import slot_of
from tests.support.rival import (
    DAY,
    NOW,
    OURS,
    SIGNED,
    THEIRS,
    Certificate,
    Rival,
    Wish,
    answer,
    as_printable,
    base64_of,
    certify,
    explicit_false,
    for_uses,
    latin_notice,
    listed_at,
    revocation_list,
    unknown_critical,
    wished,
)

PASSED, FAILED, INDETERMINATE = Verdict.PASSED, Verdict.FAILED, Verdict.INDETERMINATE
TEACHER_ID, TEACHER_NAME = "SO_CCCD_GIAO_VIEN_CHU_NHIEM", "TEN_GIAO_VIEN_CHU_NHIEM"
RECENT = NOW - timedelta(hours=1)


@pytest.fixture(scope="module")
def rival(issued_files: list[bytes]) -> Rival:
    return Rival(issued_files[0])


def judged(folder: Path, data: bytes, trust: Path, *more: bytes, now: datetime = NOW) -> FileVerdict:
    """Return the verdict on the first of these files, verified as the command does."""
    folder = folder / "files"
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number}.xml" for number in range(1 + len(more))]
    for path, each in zip(paths, (data, *more), strict=True):
        path.write_bytes(each)
    found = next(iter(verify_files(paths, [trust], workers=1, now=now))).verdict
    assert isinstance(found, FileVerdict)
    return found


def step(found: FileVerdict, number: int) -> str:
    return next(one.reason for one in found.steps if one.number == number)


def codes(found: FileVerdict) -> set[str]:
    return {code for one in found.steps if one.verdict is not PASSED for code in one.codes}


def verdict_with(
    rival: Rival, folder: Path, *signers: Certificate | None, answers: Sequence[bytes] | None = None
) -> FileVerdict:
    """Return the verdict on a record by these; by default with good answers about each of them."""
    about = [answer(each) for each in signers if each is not None]
    trust = rival.trust(folder / "trust", about if answers is None else answers)
    return judged(folder, rival.file(*signers), trust)


def test_a_good_file_passes(rival: Rival, tmp_path: Path) -> None:
    found = judged(tmp_path, rival.file(), rival.trust(tmp_path / "trust"))
    assert (found.verdict, found.reason) == (PASSED, "")
    assert [slot.verdict for slot in found.slots] == [PASSED] * 3
    assert "không phủ chứng thư" in step(found, 6)


# --- named and not signed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("without", [(), (TEACHER_ID,), (TEACHER_NAME,)])
def test_a_teacher_who_is_named_and_did_not_sign(rival: Rival, tmp_path: Path, without: tuple[str, ...]) -> None:
    data = rival.file(None, rival.principal, rival.seal, without=without)
    found = judged(tmp_path, data, rival.trust(tmp_path / "trust"))
    assert (found.verdict, codes(found)) == (FAILED, {Code.MISSING_SIGNER})


def test_in_every_form_of_signing_a_named_teacher_must_have_signed(form: Form) -> None:
    """Where others cover her signature, they do not hold without it, which is found first."""
    for data in form.files[:2]:
        assert verify(data, form.trust).verdict is PASSED
        found = verify(data.replace(slot_of(data, Slot.HOMEROOM), b""), form.trust)
        assert found.verdict is FAILED
        assert codes(found) <= {Code.MISSING_SIGNER, Code.HASH_FAILURE}


def test_where_no_teacher_is_named_every_output_says_that_two_signed(rival: Rival, tmp_path: Path) -> None:
    data = rival.file(None, rival.principal, rival.seal, without=(TEACHER_ID, TEACHER_NAME))
    found = judged(tmp_path, data, rival.trust(tmp_path / "trust"))
    assert found.verdict is PASSED
    screen = "\n".join(line for section in record_sections(found) for line in section.lines)
    for said in ("\n".join(details(found)), screen):
        assert "2 chữ ký" in said


def test_a_teacher_who_signed_while_her_id_is_left_out_cannot_be_told_from_her_namesake(
    rival: Rival, tmp_path: Path
) -> None:
    """The slot repeats the id of the region, which has none: the form itself does not allow it."""
    found = judged(tmp_path, rival.file(without=(TEACHER_NAME,)), rival.trust(tmp_path / "trust"))
    assert found.verdict is PASSED, "by id alone she is known"


# --- whose seal ----------------------------------------------------------------------------------------------------


def test_an_honest_record_of_another_school_is_left_open_with_what_to_do(rival: Rival, tmp_path: Path) -> None:
    trust = rival.trust(tmp_path / "trust", seals={THEIRS: [rival.other_seal]})
    found = judged(tmp_path, rival.file(), trust)
    assert (found.verdict, codes(found)) == (INDETERMINATE, {Code.SEAL_NOT_PINNED})
    said = found.reason.replace(" ", "")
    assert "condấucủatrườngkhác,chưaghimởđây" in said
    assert rival.seal.sha256 in said
    assert "hocbatrustadd" in said
    assert [slot.verdict for slot in found.slots] == [PASSED, PASSED, INDETERMINATE]
    assert found.values["MA_TRUONG"] == OURS


def test_a_seal_of_another_school_is_wrong_on_a_record_of_ours(rival: Rival, tmp_path: Path) -> None:
    trust = rival.trust(tmp_path / "trust", seals={OURS: [rival.seal], THEIRS: [rival.other_seal]})
    found = judged(tmp_path, rival.file(rival.teacher, rival.principal, rival.other_seal), trust)
    assert (found.verdict, codes(found)) == (FAILED, {Code.SEAL_OF_ANOTHER_SCHOOL})
    assert [slot.verdict for slot in found.slots] == [PASSED, PASSED, FAILED]


def test_our_seal_is_wrong_on_a_record_of_another_school(rival: Rival, tmp_path: Path) -> None:
    found = judged(tmp_path, rival.file(changed={"MA_TRUONG": THEIRS}), rival.trust(tmp_path / "trust"))
    assert (found.verdict, codes(found)) == (FAILED, {Code.SEAL_OF_ANOTHER_SCHOOL})


def test_a_record_of_ours_under_a_seal_that_is_not_ours(rival: Rival, tmp_path: Path) -> None:
    found = verdict_with(rival, tmp_path, rival.teacher, rival.principal, rival.other_seal)
    assert (found.verdict, codes(found)) == (FAILED, {Code.SEAL_NOT_PINNED})


def test_a_seal_that_was_pinned_without_a_school_counts_for_none(rival: Rival, tmp_path: Path) -> None:
    found = judged(tmp_path, rival.file(), rival.trust(tmp_path / "trust", seals={".": [rival.seal]}))
    assert (found.verdict, codes(found)) == (INDETERMINATE, {Code.SEAL_WITHOUT_SCHOOL})


@pytest.mark.parametrize("whose", ["teacher", "principal"])
def test_an_issuer_that_is_none_is_refused_by_name(rival: Rival, tmp_path: Path, whose: str) -> None:
    holder: Certificate = getattr(rival, whose)
    trust = rival.trust(tmp_path / "trust", issuers=[holder])
    found = judged(tmp_path, rival.file(), trust)
    assert found.verdict is INDETERMINATE
    assert "không phải của nơi cấp" in found.reason
    # What an end-entity certificate has certified is not believed either.
    under = certify(rival.wish("GIAO_VIEN_CHU_NHIEM", "giả"), holder)
    assert judged(tmp_path, rival.file(under, rival.principal, rival.seal), trust).verdict is INDETERMINATE


def test_a_training_file_says_so_without_any_trust(issued_files: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "trust").mkdir()
    found = judged(tmp_path, issued_files[0], tmp_path / "trust", now=datetime.now(NOW.tzinfo))
    assert (found.verdict, found.training) == (INDETERMINATE, True)


# --- when ----------------------------------------------------------------------------------------------------------


def test_a_backdated_signature_is_not_saved_by_an_answer_of_those_days(rival: Rival, tmp_path: Path) -> None:
    old = NOW - 100 * DAY
    answers = [answer(rival.teacher, old), answer(rival.principal), answer(rival.seal)]
    data = rival.file(times=(old - DAY, SIGNED, SIGNED + timedelta(minutes=1)))
    found = judged(tmp_path, data, rival.trust(tmp_path / "trust", answers))
    assert (found.verdict, codes(found)) == (INDETERMINATE, {Code.TRY_LATER})
    assert [slot.verdict for slot in found.slots] == [INDETERMINATE, PASSED, PASSED]


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [(SIGNED - 400 * DAY, SIGNED - DAY, Code.EXPIRED), (SIGNED + DAY, SIGNED + 400 * DAY, Code.NOT_YET_VALID)],
)
def test_a_certificate_that_was_not_valid_by_the_signers_own_claim(
    rival: Rival, tmp_path: Path, begins: datetime, ends: datetime, code: Code
) -> None:
    teacher = rival.person("GIAO_VIEN_CHU_NHIEM", "k", begins=begins, ends=ends)
    found = verdict_with(rival, tmp_path, teacher, rival.principal, rival.seal)
    assert (found.verdict, codes(found)) == (FAILED, {code})
    assert found.reason.startswith("Bước 6")
    assert "không khớp" not in found.reason


def test_a_certificate_that_has_ended_since_is_left_open(rival: Rival, tmp_path: Path) -> None:
    teacher = rival.person("GIAO_VIEN_CHU_NHIEM", "k", ends=SIGNED + DAY)
    found = verdict_with(rival, tmp_path, teacher, rival.principal, rival.seal)
    assert (found.verdict, codes(found)) == (INDETERMINATE, {Code.OUT_OF_BOUNDS_NO_POE})
    assert "✓ Giáo viên chủ nhiệm" not in "\n".join(line for s in record_sections(found) for line in s.lines)


@pytest.mark.parametrize("years", [1, 2, 10, 30])
def test_later_nothing_is_proven_wrong(rival: Rival, tmp_path: Path, years: int) -> None:
    found = judged(tmp_path, rival.file(), rival.trust(tmp_path / "trust"), now=NOW + years * 365 * DAY)
    assert found.verdict is INDETERMINATE


@pytest.mark.parametrize(("ahead", "verdict"), [(timedelta(minutes=4), PASSED), (timedelta(minutes=6), FAILED)])
def test_the_signers_clock_may_be_minutes_ahead(
    rival: Rival, tmp_path: Path, ahead: timedelta, verdict: Verdict
) -> None:
    data = rival.file(times=(SIGNED, SIGNED, NOW + ahead))
    assert judged(tmp_path, data, rival.trust(tmp_path / "trust")).verdict is verdict


@pytest.mark.parametrize(
    ("tag", "text", "word"),
    [
        ("NGAY_KY_PHAT_HANH_HOC_BA", "2019-06-01", "hơn một năm"),
        ("NGAY_KY_PHAT_HANH_HOC_BA", "2031-06-01", "tương lai"),
        ("NGAY_SINH", "2027-01-02", "ngày sinh"),
        ("NGAY_SINH", "1950-01-02", "tuổi"),
    ],
)
def test_contradictions_inside_are_warnings(rival: Rival, tmp_path: Path, tag: str, text: str, word: str) -> None:
    found = judged(tmp_path, rival.file(changed={tag: text}), rival.trust(tmp_path / "trust"))
    assert found.verdict is PASSED
    assert any(word in warning for warning in found.warnings), found.warnings
    assert any(word in line for line in details(found))


# --- whose certificate ---------------------------------------------------------------------------------------------


def people_of(folder: Path, *rows: tuple[Certificate, str, str]) -> None:
    lines = [f"{held.sha256},{number},{name},," for held, number, name in rows]
    (folder / "people.csv").write_text("\n".join(("sha256,so_dinh_danh,ho_ten,tu_ngay,den_ngay", *lines)), "utf-8")


def test_a_certificate_without_a_number_is_known_by_a_list(rival: Rival, tmp_path: Path) -> None:
    teacher = certify(wished(rival.wish("GIAO_VIEN_CHU_NHIEM", "k"), uid=""), rival.root)
    found = verdict_with(rival, tmp_path, teacher, rival.principal, rival.seal)
    assert (found.verdict, codes(found)) == (INDETERMINATE, {Code.SIGNER_NOT_KNOWN})
    people_of(tmp_path / "trust", (teacher, rival.text(TEACHER_ID), rival.text(TEACHER_NAME)))
    assert verdict_with(rival, tmp_path, teacher, rival.principal, rival.seal).verdict is PASSED
    people_of(tmp_path / "trust", (teacher, "001999000001", rival.text(TEACHER_NAME)))
    found = verdict_with(rival, tmp_path, teacher, rival.principal, rival.seal)
    assert (found.verdict, codes(found)) == (FAILED, {Code.OTHER_SIGNER})


@pytest.mark.parametrize(("number", "verdict"), [("", PASSED), ("001999000001", FAILED)])
def test_semantics_identifiers_are_known(rival: Rival, tmp_path: Path, number: str, verdict: Verdict) -> None:
    held = f"PNOVN-{number or rival.text(TEACHER_ID)}"
    teacher = certify(wished(rival.wish("GIAO_VIEN_CHU_NHIEM", "k"), uid=held), rival.root)
    assert verdict_with(rival, tmp_path, teacher, rival.principal, rival.seal).verdict is verdict


@pytest.mark.parametrize("reason", ["unspecified", "key_compromise", "superseded"])
def test_another_certificate_over_a_revoked_key(rival: Rival, tmp_path: Path, reason: str) -> None:
    """An outsider puts in another certificate: the signature value is the same, and no signature covers it."""
    first = rival.teacher
    second = certify(rival.wish("GIAO_VIEN_CHU_NHIEM", "Cô giáo", serial="another"), rival.root)
    revoked = answer(first, revoked=NOW - 10 * DAY, reason=reason)
    trust = rival.trust(tmp_path / "trust", [revoked, *map(answer, (second, rival.principal, rival.seal))])
    by_first = rival.file(first, rival.principal, rival.seal)
    by_second = rival.file(second, rival.principal, rival.seal)
    assert judged(tmp_path, by_first, trust).verdict is FAILED
    found = judged(tmp_path, by_second, trust, by_first)
    assert found.verdict is FAILED
    assert found.reason.startswith("Bước 10")
    assert "không phủ chứng thư" in step(found, 6)
    # The other file lies beside it and is not verified in this run.
    (tmp_path / "files" / "1.xml").write_bytes(by_first)
    assert judged(tmp_path, by_second, trust).verdict is FAILED


def test_a_renewed_certificate_is_no_lost_key(rival: Rival, tmp_path: Path) -> None:
    second = certify(rival.wish("GIAO_VIEN_CHU_NHIEM", "Cô giáo", serial="another"), rival.root)
    data = rival.file(second, rival.principal, rival.seal)
    trust = rival.trust(tmp_path / "trust", list(map(answer, (rival.teacher, second, rival.principal, rival.seal))))
    assert judged(tmp_path, data, trust, rival.file()).verdict is PASSED


@pytest.mark.parametrize("sloppy", [explicit_false, latin_notice])
def test_what_authorities_write_against_the_rules_is_read(rival: Rival, tmp_path: Path, sloppy: object) -> None:
    teacher = rival.person("GIAO_VIEN_CHU_NHIEM", "k", change=sloppy)
    assert verdict_with(rival, tmp_path, teacher, rival.principal, rival.seal).reason == ""
    for path in (tmp_path / "trust" / "answers").iterdir():
        path.unlink()
    found = judged(tmp_path, rival.file(teacher, rival.principal, rival.seal), tmp_path / "trust")
    assert (found.verdict, codes(found)) == (INDETERMINATE, {Code.TRY_LATER})


# --- revocation and paths to the letter ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uses", "verdict"),
    [
        ((), PASSED),
        (("email_protection",), PASSED),
        (("1.3.6.1.5.5.7.3.36",), PASSED),
        (("client_auth", "email_protection"), PASSED),
        (("server_auth",), FAILED),
        (("code_signing",), FAILED),
        (("time_stamping",), FAILED),
        (("ocsp_signing",), FAILED),
        (("1.3.6.1.4.1.99999.5",), INDETERMINATE),
    ],
)
def test_uses_of_a_signers_key(rival: Rival, tmp_path: Path, uses: tuple[str, ...], verdict: Verdict) -> None:
    extensions = for_uses(*uses) if uses else ()
    teacher = rival.person("GIAO_VIEN_CHU_NHIEM", "k", extensions=extensions)
    assert verdict_with(rival, tmp_path, teacher, rival.principal, rival.seal).verdict is verdict


def test_an_unknown_critical_extension_is_not_ignored(rival: Rival, tmp_path: Path) -> None:
    teacher = rival.person("GIAO_VIEN_CHU_NHIEM", "k", change=unknown_critical)
    found = verdict_with(rival, tmp_path, teacher, rival.principal, rival.seal)
    assert (found.verdict, codes(found)) == (INDETERMINATE, {Code.CHAIN_CONSTRAINTS_FAILURE})


PART, OTHER_PART = "http://ca.thu/1.crl", "http://ca.thu/2.crl"


@pytest.mark.parametrize(
    ("how", "revoked", "verdict"),
    [
        ({}, False, PASSED),
        ({}, True, FAILED),
        ({"part": PART}, False, PASSED),
        ({"part": PART}, True, FAILED),
        ({"part": OTHER_PART}, False, INDETERMINATE),
        ({"strange": True}, False, INDETERMINATE),
        ({"indirect": True}, False, INDETERMINATE),
        ({"ends": NOW - DAY}, False, INDETERMINATE),
        ({"at": NOW + 365 * DAY, "ends": NOW + 400 * DAY}, False, INDETERMINATE),
    ],
)
def test_a_list_counts_where_it_would_name_the_certificate(
    rival: Rival, tmp_path: Path, how: dict[str, object], revoked: bool, verdict: Verdict
) -> None:
    teacher = rival.person("GIAO_VIEN_CHU_NHIEM", "k", extensions=listed_at(PART))
    arguments = {"at": RECENT if "ends" not in how else NOW - 3 * DAY, **how}
    made = revocation_list(rival.root, revoked={teacher: NOW - 5 * DAY} if revoked else None, **arguments)  # type: ignore[arg-type]
    trust = rival.trust(tmp_path / "trust", [answer(rival.principal), answer(rival.seal)], lists=[made])
    assert judged(tmp_path, rival.file(teacher, rival.principal, rival.seal), trust).verdict is verdict


NOCHECK = {"extn_id": "1.3.6.1.5.5.7.48.1.5", "extn_value": core.ParsableOctetString(b"\x05\x00")}


@pytest.mark.parametrize(
    ("extensions", "own", "verdict"),
    [
        ((*for_uses("ocsp_signing"), NOCHECK), "", PASSED),
        (for_uses("ocsp_signing"), "", INDETERMINATE),
        (for_uses("ocsp_signing"), "good", PASSED),
        (for_uses("ocsp_signing"), "listed", PASSED),
        (for_uses("ocsp_signing"), "revoked", INDETERMINATE),
        ((NOCHECK,), "", INDETERMINATE),
        ((*for_uses("email_protection"), NOCHECK), "", INDETERMINATE),
    ],
)
def test_a_responder_whom_the_issuer_has_certified(
    rival: Rival, tmp_path: Path, extensions: tuple[dict[str, object], ...], own: str, verdict: Verdict
) -> None:
    responder = certify(Wish("Máy trả lời", extensions=extensions), rival.root)
    answers = [answer(rival.teacher, by=responder), answer(rival.principal), answer(rival.seal)]
    lists = []
    if own in ("good", "revoked"):
        answers.append(answer(responder, revoked=NOW - DAY if own == "revoked" else None))
    if own == "listed":
        # It lists the teacher too; only the responder is asked about in a part of its own.
        lists.append(revocation_list(rival.root))
    found = judged(tmp_path, rival.file(), rival.trust(tmp_path / "trust", answers, lists=lists))
    assert found.verdict is verdict, found.reason


@pytest.mark.parametrize(
    ("at", "fraction", "word"),
    [(NOW + 365 * DAY, False, "tương lai"), (NOW - 30 * DAY, False, "đã hết hạn"), (RECENT, True, "phần lẻ")],
)
def test_an_answer_that_cannot_be_of_now(rival: Rival, tmp_path: Path, at: datetime, fraction: bool, word: str) -> None:
    answers = [answer(rival.teacher, at, fraction=fraction), answer(rival.principal), answer(rival.seal)]
    found = judged(tmp_path, rival.file(), rival.trust(tmp_path / "trust", answers))
    assert (found.verdict, word in found.reason) == (INDETERMINATE, True), found.reason


def chained(rival: Rival, middle: Certificate) -> tuple[Certificate, list[Certificate]]:
    teacher = rival.person("GIAO_VIEN_CHU_NHIEM", "k", middle)
    return teacher, [teacher, rival.principal, rival.seal]


@pytest.mark.parametrize(
    ("limit", "said", "verdict"),
    [
        (None, "good", PASSED),
        (0, "good", INDETERMINATE),
        (None, "revoked", FAILED),
        (None, "nothing", INDETERMINATE),
        (None, "no authority", INDETERMINATE),
    ],
)
def test_a_path_of_several_steps(rival: Rival, tmp_path: Path, limit: int | None, said: str, verdict: Verdict) -> None:
    """The root allows ``limit`` authorities below it; the middle is no anchor by itself."""

    def limited(tbs: object) -> None:
        for extension in tbs["extensions"]:  # type: ignore[index]
            if extension["extn_id"].native == "basic_constraints":
                extension["extn_value"] = {"ca": True, "path_len_constraint": limit}

    root = certify(Wish("Gốc", authority=True, change=limited if limit is not None else lambda _: None))
    middle = certify(Wish("Giữa", authority=said != "no authority"), root)
    teacher, signers = chained(rival, middle)
    answers = [answer(each) for each in signers]
    if said != "nothing":
        answers.append(answer(middle, revoked=NOW - 10 * DAY if said == "revoked" else None))
    trust = rival.trust(tmp_path / "trust", answers, issuers=[rival.root, root], chain=[middle])
    found = judged(tmp_path, rival.file(teacher, rival.principal, rival.seal), trust)
    assert found.verdict is verdict, found.reason


def test_a_link_of_a_chain_is_trusted_only_through_a_pinned_issuer(rival: Rival, tmp_path: Path) -> None:
    middle = certify(Wish("Giữa", authority=True), certify(Wish("Gốc", authority=True)))
    teacher, signers = chained(rival, middle)
    trust = rival.trust(tmp_path / "trust", [answer(each) for each in signers], chain=[middle])
    found = judged(tmp_path, rival.file(teacher, rival.principal, rival.seal), trust)
    assert (found.verdict, codes(found)) == (INDETERMINATE, {Code.NO_CERTIFICATE_CHAIN_FOUND})


@pytest.mark.parametrize("pinned", [True, False])
def test_a_certificate_whose_name_no_library_reads_never_passes(rival: Rival, tmp_path: Path, pinned: bool) -> None:
    """UTF-8 in a PrintableString, as authorities have written it: it cannot be told from altered bytes yet."""
    teacher = rival.person("GIAO_VIEN_CHU_NHIEM", "k", edit=as_printable)
    data = rival.file(rival.teacher, rival.principal, rival.seal)
    old, new = (b"<X509Certificate>" + base64_of(each.der) for each in (rival.teacher, teacher))
    data = data.replace(old, new)
    other = certify(Wish("CA khác", authority=True))
    trust = rival.trust(tmp_path / "trust", issuers=[rival.root if pinned else other])
    found = judged(tmp_path, data, trust)
    assert found.verdict is FAILED
    (tmp_path / "files" / "0.xml").write_bytes(data)
    any_found = next(iter(verify_files([tmp_path / "files" / "0.xml"], [trust], workers=1, now=NOW, any_xml=True)))
    assert any_found.verdict.verdict is not PASSED
