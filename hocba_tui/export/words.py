"""The verdict on a record or on any other XML in words."""

from __future__ import annotations

from collections.abc import Iterator

from hocba_tui.export.report import Section, details, headline, record_sections, summary
from hocba_tui.export.trust.verdict import FileVerdict
from hocba_tui.export.verify_any.lines import any_details, any_headline, any_sections
from hocba_tui.export.verify_any.verdict import AnyVerdict

Judgement = FileVerdict | AnyVerdict


def headline_of(name: str, found: Judgement) -> str:
    """Return a verdict in one line; ``name`` is the pupil or the file."""
    return any_headline(name, found) if isinstance(found, AnyVerdict) else headline(name, found)


def summary_of(found: Judgement) -> Iterator[str]:
    """Yield one line on whose record it is and who signed; none for other files and where nothing may be shown."""
    if isinstance(found, FileVerdict) and (line := summary(found)):
        yield line


def details_of(found: Judgement) -> Iterator[str]:
    """Yield a verdict's steps, signatures and values, a line each."""
    return any_details(found) if isinstance(found, AnyVerdict) else details(found)


def sections_of(found: Judgement) -> tuple[Section, ...]:
    """Return a verdict in sections for a screen."""
    return tuple(any_sections(found) if isinstance(found, AnyVerdict) else record_sections(found))
