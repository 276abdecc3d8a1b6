"""Copies of a store in other places: made, proven, counted, brought back."""
