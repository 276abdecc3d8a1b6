"""Many people on one machine: each has a session, and all sessions share the memory of one parent process."""
