"""The demo school, made from a seed. All its people are fictitious."""
