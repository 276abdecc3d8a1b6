"""The signatures of any other XML, each for itself."""
