"""Parts of the table of all actions (``screens/actions.py``), each for the pages of one room."""
