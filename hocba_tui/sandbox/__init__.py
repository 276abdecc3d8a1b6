"""The sandbox portal: a small real server on loopback, for tests and for training."""
