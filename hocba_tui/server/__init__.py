"""Many people on one machine: each has a session, and all sessions share what one parent has made ready."""
