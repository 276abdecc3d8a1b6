"""The comments that come with the program (``bank.toml``), read once by each process that opens the bank."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from hocba_tui.model.bank import BankEntry
from hocba_tui.model.values import Period


@lru_cache(maxsize=1)
def shipped() -> tuple[BankEntry, ...]:
    """Return the shipped entries in the order of the file, in which variants stand together."""
    import tomllib

    data = tomllib.loads((files("hocba_tui.flow.comments") / "bank.toml").read_text(encoding="utf-8"))
    return tuple(
        BankEntry(
            code,
            text,
            group["item"],
            group["levels"],
            tuple(group.get("grades", ())),
            tuple(Period(period) for period in group.get("periods", ())),
        )
        for group in data["group"]
        for code, text in group["comments"].items()
    )
