"""A painter, in a browser of which only the Studio is there."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from easel import FONTS, TOKENS, Studio

from fishformer.browser import painter as module


@pytest.fixture
def browser(monkeypatch):
    """The modules that only a browser has, with a Studio that can be asked."""
    js, pyodide, ffi = map(ModuleType, ("js", "pyodide", "pyodide.ffi"))
    Studio.new = Studio
    js.fishDraw = SimpleNamespace(Studio=Studio)
    ffi.to_js = lambda values: values.copy()
    for name, fake in (("js", js), ("pyodide", pyodide), ("pyodide.ffi", ffi)):
        monkeypatch.setitem(sys.modules, name, fake)


@pytest.fixture
def studio(browser):
    return module.Studio(TOKENS, FONTS)


@pytest.fixture
def painter(studio):
    return studio.painter("canvas", 40, 30, 2)
