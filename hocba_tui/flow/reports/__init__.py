"""What is read from the store: sheets, statistics, cards, history, the day's tasks."""
