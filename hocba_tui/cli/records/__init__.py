"""Commands about records: check, sign, verify, send."""
