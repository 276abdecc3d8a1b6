"""The verbs: one function for each thing that a person can do. (store, actor, facts) → new facts.

Only this room writes to the store; every write names its actor, and every check of
:mod:`hocba_tui.rules` is made here, whatever the screen or the command line has mirrored.
"""
