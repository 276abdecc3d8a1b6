"""What the school decides for everybody: settings, staff, classes, duties, periods, issue rounds."""
