"""The pupil's code: the Ministry's, or a temporary one until that arrives."""

from __future__ import annotations

import hashlib

from hocba_tui.text import clean_line

_TEMPORARY = "TAM-"


def temporary_code(personal_id: str, name: str, birth: str) -> str:
    """Return the temporary code of a new pupil: always the same for the same pupil.

    It is computed from the personal id; without one, from name and birth date.
    """
    if personal_id:
        return _TEMPORARY + personal_id
    return (
        _TEMPORARY
        + hashlib.blake2b(f"{clean_line(name).casefold()}/{birth}".encode(), digest_size=5).hexdigest().upper()
    )


def is_temporary(code: str) -> bool:
    """Return whether the pupil's official code has not arrived yet."""
    return not code or code.startswith(_TEMPORARY)
