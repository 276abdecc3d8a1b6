"""Found a school: the file that says what it is, the questions whose answers make that file, and the answers so far."""
