"""The data region of a record: built once, as the bytes that its signatures will cover.

The bytes are their own canonical form (inclusive C14N 1.0): no namespaces, no white space between
elements, text escaped as C14N does. So a digest of the bytes is the digest of the element.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hocba_tui.errors import Refused
from hocba_tui.export.record.profile import Field, Profile

Facts = Mapping[str, str]
"""Source names of the profile to text; absent or empty means null, and null is omitted."""


@dataclass(frozen=True)
class RecordFacts:
    """Everything that a record says, by the names that profiles use as sources."""

    uuid: str
    values: Facts
    history: tuple[Facts, ...]
    subjects: tuple[Facts, ...]
    """One for each row of results, with ``code`` in our own spelling; the profile translates it."""


def escape(text: str) -> str:
    """Return ``text`` as C14N writes it between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def build_region(profile: Profile, facts: RecordFacts) -> bytes:
    """Return the canonical bytes of the data region.

    Raises Refused when a fact that the profile requires is missing; lengths and forms are checked
    against the XSD by :func:`hocba_tui.export.record.schema.schema_problems`.
    """
    tree = profile.tree
    values = {**facts.values, "uuid": facts.uuid}
    values |= {f"constant.{name}": value for name, value in profile.constants.items()}
    history = "".join(_element(tree["history_row"], _fields(profile.block("history"), row)) for row in facts.history)
    subjects = "".join(
        _element(
            tree["subject_row"],
            _fields(profile.block("subject"), {**row, "code": profile.subject_codes.get(row["code"], "")}),
        )
        for row in facts.subjects
    )
    summary = (
        _fields(profile.block("summary"), values)
        + _element(tree["subjects"], subjects)
        + _element(tree["traits"], _fields(profile.block("traits"), values))
    )
    inner = (
        _element(tree["general"], _fields(profile.block("general"), values))
        + _element(tree["history"], history)
        + _element(tree["summary"], summary)
    )
    region = tree["region"]
    return f'<{region} Id="{profile.region_id(facts.uuid)}">{inner}</{region}>'.encode()


def _element(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag}>"


def _fields(fields: Iterable[Field], values: Facts) -> str:
    parts = []
    for field in fields:
        text = values.get(field.source, "")
        if text:
            parts.append(_element(field.tag, escape(text)))
        elif field.required:
            raise Refused(f"Thiếu dữ liệu cho trường bắt buộc {field.tag}.", "Bổ sung rồi nộp lại.")
    return "".join(parts)
