"""The demo school, made from a seed: nobody in it exists."""
