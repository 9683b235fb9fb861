"""Settings with which a model, or a block of it, computes other things."""

BLOCKS = [
    {},
    {"norm": "pre"},
    {"norm": "none"},
    {"residual": False},
    {"feed_forward": False},
    {"feed_forward": False, "norm": "pre"},
    {"residual": False, "norm": "none"},
    {"activation": "gelu"},
]
KINDS = [
    *BLOCKS,
    {"residual": False, "norm": "pre", "feed_forward": False},
    {"positions": "none"},
    {"positions": "sinusoidal"},
    {"scale_scores": False},
    {"n_layers": 3, "n_heads": 4},
    {"n_layers": 1, "n_heads": 1},
]
