"""Nothing here depends on how many pupils a class has."""

from tests.support.sixteen import demo, issued_store, made_store  # noqa: F401 - fixtures of this room
