"""A record as a file: its data region, its signatures, its place in a package."""
