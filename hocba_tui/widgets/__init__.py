"""The mark grid and other parts of screens. They only post messages; screens act on them."""
