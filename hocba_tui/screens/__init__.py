"""One screen, one file. A screen reaches the world only through flow; dialogs return a typed answer."""
