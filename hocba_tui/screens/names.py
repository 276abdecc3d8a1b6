"""The screens by name, as the app opens them and other screens ask for them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hocba_tui.screens.page import Page

SCREENS: dict[str, str] = {
    "home": "home:HomePage",
    "classes": "school.classes:ClassesPage",
    "roster": "school.roster:RosterPage",
    "grid": "grid.page:GridPage",
    "card": "card:CardPage",
    "review": "review:ReviewPage",
    "missing": "missing:MissingPage",
    "owing": "missing:OwingPage",
    "submit": "signing.pages:SubmitPage",
    "approve": "signing.queues:ApproveQueuePage",
    "approve_class": "signing.pages:ApprovePage",
    "seal": "signing.queues:SealQueuePage",
    "seal_class": "signing.pages:SealPage",
    "issued": "issued:IssuedPage",
    "outbox": "outbox:OutboxPage",
    "receipts": "outbox:ReceiptsPage",
    "verify": "verifying:VerifyPage",
    "statistics": "school.statistics:StatisticsPage",
    "intake": "school.intake:IntakePage",
    "round": "signing.issue_round:RoundPage",
    "periods": "school.periods:PeriodsPage",
    "proposals": "school.proposals:ProposalsPage",
    "settings": "desk.settings:SettingsPage",
    "certificates": "desk.certificates:CertificatesPage",
    "pins": "desk.pins:PinsPage",
    "staff": "people.staff:StaffPage",
    "person": "people.person:PersonPage",
    "assignments": "people.assignments:AssignmentsPage",
    "doctor": "desk.state:StatePage",
    "activity": "school.activity:ActivityPage",
    "help": "help:HelpPage",
}
"""Module and class of each screen; a module is imported when its screen is first opened."""


def class_of(name: str) -> type[Page]:
    """Return the class of a screen."""
    module, _, cls = SCREENS[name].partition(":")
    found: type[Page] = getattr(importlib.import_module(f"hocba_tui.screens.{module}"), cls)
    return found
