"""The people of the school: accounts, one person's card, who teaches what."""
