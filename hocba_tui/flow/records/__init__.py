"""The way of a record: freeze, sign, issue, and the keys and files that this needs."""
