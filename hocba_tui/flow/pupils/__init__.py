"""Pupils and their facts: import, enrol, leave, change class, earlier years."""
