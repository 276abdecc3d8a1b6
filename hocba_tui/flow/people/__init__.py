"""The people of the school, to be looked at and changed one by one: accounts, duties, who teaches what."""
