"""What is trusted: issuers, certificates, algorithms, revocation and time-stamps."""
