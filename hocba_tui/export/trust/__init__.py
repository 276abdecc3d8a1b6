"""Whom to believe: issuers, certificates, algorithms, revocation and time-stamps."""
