"""A small transformer in pure numpy that learns to fill in words about fish."""

__version__ = "0.1.0"
