"""hocba: the digital report card (học bạ số) of a Vietnamese primary school, in a terminal."""

__version__ = "0.1.0"
