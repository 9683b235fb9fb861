"""The copy of the package that conftest.py's `source` edits, as its tests see it."""

import importlib

SCALE = "  scores /= np.sqrt(config.d_head, dtype=x.dtype)"  # and not that of dscores


def now(name):
    """A module of the package as it is at this moment."""
    return importlib.import_module(f"fishformer.{name}")
