"""A small transformer in pure numpy that learns to fill in words about fish."""

import os

# The matrices here are so small that sharing one out among threads costs more than it
# saves; on a busy machine a hundred times more. Only heeded before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
