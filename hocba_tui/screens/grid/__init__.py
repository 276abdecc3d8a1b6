"""The page for entering results, and the modules that only it uses."""
