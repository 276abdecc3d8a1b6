"""What holds for the whole school: settings, staff, classes, duties, periods, issue rounds, the store itself."""
