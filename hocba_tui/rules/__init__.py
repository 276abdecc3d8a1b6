"""The rules, as pure functions: what is lawful, complete and allowed."""
