"""The school's desk: founding it, its settings, its certificates, the state of its server."""
