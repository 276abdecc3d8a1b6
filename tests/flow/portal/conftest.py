"""Nothing here depends on how many pupils a class has."""

from tests.support.eight import (  # noqa: F401 - fixtures of this room
    approved_store,
    demo,
    issued_store,
    made_store,
    opened_store,
    submitted_store,
)
