"""Excel in: rows → facts with findings. Nothing is written here, and nothing is guessed silently."""
