import math
from dataclasses import fields

import pytest

from fishformer.config import Config, ConfigError


def test_defaults_are_within_their_bounds():
    assert Config() == Config.from_strings({})


@pytest.mark.parametrize("f", fields(Config), ids=lambda f: f.name)
def test_each_bound_is_kept_and_named(f):
    meta = f.metadata
    if meta["choices"]:
        wrong = ["float16"]
    elif f.type is bool:
        wrong = [1, "on", None]
    else:
        wrong = [meta["low"] - 1, meta["high"] + 1, None, True, "x"]
        if f.type is float:
            wrong += [math.nan, math.inf]
    for value in wrong:
        with pytest.raises(ConfigError) as error:
            Config(**{f.name: value})
        message = str(error.value)
        assert message.startswith(f"{meta['key']} = {value!r}")
        allowed = [*(meta["choices"] or ()), *(["on or off"] * (f.type is bool))]
        allowed += [
            f"{meta[end]:,.6f}".rstrip("0").rstrip(".")
            for end in ("low", "high")
            if meta[end] is not None
        ]
        assert allowed
        assert all(word in message for word in allowed)


def test_heads_must_divide_d_model():
    with pytest.raises(ConfigError, match="heads = 3 does not divide d_model = 32"):
        Config(n_heads=3)


def test_text_round_trip():
    config = Config(n_layers=3, lr=0.01, dtype="float64", seed=11, residual=False)
    strings = config.to_strings()
    assert set(strings) == {"layers", "lr", "dtype", "seed", "residual"}
    assert strings["residual"] == "off"
    assert Config.from_strings(strings) == config


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"layer": "2"}, "no setting 'layer'"),
        ({"layers": "two"}, "layers = 'two' is not allowed: it is a whole number"),
        ({"layers": "2.5"}, "from 1 to 12"),
        ({"layers": ""}, "layers = ''"),
        ({"residual": "maybe"}, "residual = 'maybe' is not allowed: it is on or off"),
        ({"norm": "batch"}, "norm = 'batch' is not allowed: it is one of post, pre"),
        ({"lr": "nan"}, "lr = nan"),
        ({"lr": "1e999"}, "lr = inf"),
    ],
)
def test_bad_text_is_refused_by_name(given, says):
    with pytest.raises(ConfigError, match=says):
        Config.from_strings(given)
