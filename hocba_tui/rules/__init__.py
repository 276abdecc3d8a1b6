"""Decisions: pure functions. What is lawful, complete, allowed."""
