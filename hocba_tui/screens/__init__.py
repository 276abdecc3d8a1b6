"""One screen per file. A screen uses only flow for its work; dialogs return a typed answer."""
