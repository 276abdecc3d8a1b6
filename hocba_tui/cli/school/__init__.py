"""Commands about the school: settings, classes, accounts, duties, issue rounds."""
