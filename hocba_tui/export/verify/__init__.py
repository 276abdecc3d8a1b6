"""The verifier of records, in numbered steps."""
