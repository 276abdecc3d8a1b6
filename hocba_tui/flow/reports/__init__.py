"""What is read from the store: sheets, statistics, cards, history, today's tasks."""
