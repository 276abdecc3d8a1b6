"""The mark grid and other parts of screens. They post messages and call nothing."""
