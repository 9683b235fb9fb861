"""numpy.random, in the page: what trains here; all else once it is asked for.

numpy's own __init__ lies beside it as _whole, and loads three libraries more, of random
generators that nothing here uses.
"""

from . import _generator
from ._generator import Generator
from ._pcg64 import PCG64


def default_rng(seed=None):
    """As numpy's own, which asks for RandomState to know what the seed is."""
    if seed is None or isinstance(seed, int):
        return Generator(PCG64(seed))
    return _generator.default_rng(seed)


def __getattr__(name):
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import _whole

    mine = globals()
    mine.update((key, vars(_whole)[key]) for key in _whole.__all__ if key not in mine)
    mine["__all__"] = _whole.__all__
    return getattr(_whole, name)


def __dir__():
    return __getattr__("__all__")
