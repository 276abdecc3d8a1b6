"""The pupil's code: the Ministry's, or a temporary one until that arrives."""

from __future__ import annotations

import hashlib

from hocba_tui.text import clean_line

_TEMPORARY = "TAM-"


def temporary_code(personal_id: str, name: str, birth: str) -> str:
    """Return the temporary code of a new pupil: the same whenever the same pupil is entered again.

    It rests on the personal id; without one on name and birth date.
    """
    if personal_id:
        return _TEMPORARY + personal_id
    return (
        _TEMPORARY
        + hashlib.blake2b(f"{clean_line(name).casefold()}/{birth}".encode(), digest_size=5).hexdigest().upper()
    )


def is_temporary(code: str) -> bool:
    """Return whether the official code of the pupil is still to come."""
    return not code or code.startswith(_TEMPORARY)
