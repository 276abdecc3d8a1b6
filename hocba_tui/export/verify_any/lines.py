"""A verdict on any XML as lines for a person, on the screen and on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hocba_tui.export.report import LONGEST_VALUE, NO_VALUE, NOTHING_SHOWN, STEPS, Section, basis_lines, step_line
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify_any.verdict import AnySignature, AnyVerdict
from hocba_tui.text import foreign, moment

_SHOWN = 40
"""Paths and values that are shown; --json has more."""


def any_headline(name: str, found: AnyVerdict) -> str:
    """Return the verdict in one line: of the file, then of how many signatures."""
    counts = ", ".join(
        f"{count} {verdict.label}"
        for verdict in Verdict
        if (count := sum(1 for signature in found.signatures if signature.verdict is verdict))
    )
    note = f" ({NO_VALUE})" if found.training else ""
    signatures = f"; chữ ký: {counts}" if counts else ""
    return f"{foreign(name)}: {found.verdict.label} ({found.verdict}){signatures}{note}"


def any_details(found: AnyVerdict) -> Iterator[str]:
    """Yield the sections as lines: the steps without a title, the others indented below theirs."""
    for section in any_sections(found):
        if section.title == STEPS:
            yield from section.lines
        else:
            yield section.title
            yield from (f"  {line}" for line in section.lines)


def any_sections(found: AnyVerdict) -> Iterator[Section]:
    """Yield the steps, each signature with its own, what nothing covers, what cannot be known, what is said.

    Every text that comes out of the file is cleaned: a hostile one must not move the cursor or forge lines.
    """
    yield Section(STEPS, tuple(step_line(step) for step in found.steps))
    for signature in found.signatures:
        title = f"Chữ ký {signature.number}: {signature.verdict.label} ({signature.verdict}), ở {signature.place}"
        yield Section(foreign(title), tuple(_signature(signature)))
    if found.uncovered:
        yield Section("KHÔNG chữ ký nào phủ:", tuple(_some(found.uncovered)))
    if found.unknown:
        yield Section("Không biết được từ tệp này:", found.unknown)
    if found.values:
        values = tuple(_some(f"{path}: {text}" for path, text in found.values))
        yield Section("Nội dung nằm trong phần được ký:", values)
    elif found.verdict is Verdict.FAILED:
        yield Section("Nội dung", (NOTHING_SHOWN,))
    if found.basis.verified_at:
        yield Section("Căn cứ", tuple(basis_lines(found.basis))[:2])


def _signature(signature: AnySignature) -> Iterator[str]:
    """Yield who signed as the certificate says, what that covers, and the steps."""
    signer = signature.signer
    if signer.subject:
        training = f" ({NO_VALUE})" if signer.training else ""
        yield f"người giữ chứng thư: {foreign(signer.holder)}{training}"
        yield f"chủ thể: {foreign(signer.subject)}"
        yield f"đơn vị quản lý, như chứng thư ghi: {foreign(signer.unit) or 'không ghi'}"
        yield f"nơi cấp: {foreign(signer.issuer)}; số {signer.serial}"
        yield f"chứng thư có hiệu lực từ {moment(signer.valid_from)} đến {moment(signer.valid_to)}"
    if signature.time:
        yield f"khai ký lúc {moment(signature.time)}"
    yield from _some(f"phủ {path}" for path in signature.covers)
    yield from (step_line(step) for step in signature.steps)


def _some(texts: Iterable[str]) -> Iterator[str]:
    lines = [foreign(text, LONGEST_VALUE) for text in texts]
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"… và {len(lines) - _SHOWN} dòng nữa"
