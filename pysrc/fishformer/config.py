"""The settings of a run: default, bounds and label beside each of them."""

from dataclasses import dataclass, field, fields
from typing import Any


class ConfigError(ValueError):
    """A setting is unknown or out of bounds; the message says what is allowed."""


SWITCH = {"on": True, "off": False}  # how a link writes a setting that is true or not


def setting(default, key, label, low=None, high=None, choices=None, does="", group=""):
    """One field of Config: `key` is its name in a link and in the terminal.

    `does` says in a sentence what it is for; the page shows those that have a `group`.
    """
    return field(
        default=default,
        metadata={
            "key": key,
            "label": label,
            "low": low,
            "high": high,
            "choices": choices,
            "does": does,
            "group": group,
        },
    )


@dataclass(frozen=True)
class Config:
    """All that a run depends on besides its corpus. Validated when it is made.

    Raises ConfigError with the name, the value and the bound.
    """

    seed: int = setting(
        7, "seed", "Seed of all randomness", 0, 2**32 - 1, group="training",
        does="The same seed gives the same run; another seed, another random start.",
    )  # fmt: skip
    n_layers: int = setting(
        2, "layers", "Layers", 1, 12, group="model",
        does="How many times each word looks at the others, one after another.",
    )  # fmt: skip
    n_heads: int = setting(
        4, "heads", "Attention heads in a layer", 1, 8, group="model",
        does="How many looks at once, each with an equal share of the numbers.",
    )  # fmt: skip
    d_model: int = setting(
        32, "d_model", "Numbers a word (d_model)", 2, 256, group="model",
        does="How long the list of numbers is that stands for a word.",
    )  # fmt: skip
    d_ff: int = setting(
        128, "d_ff", "Width of the feed-forward step", 1, 1024, group="model",
        does="How many numbers a word is spread over between two layers of attention.",
    )  # fmt: skip
    batch_size: int = setting(
        32, "batch", "Sentences a step", 1, 256, group="training",
        does="More of them make a step steadier, and slower.",
    )  # fmt: skip
    lr: float = setting(
        4e-3, "lr", "Learning rate", 1e-6, 1.0, group="training",
        does="How far a step moves each number; too far, and the loss runs away.",
    )  # fmt: skip
    warmup: int = setting(
        50, "warmup", "Steps until the full learning rate", 0, 10_000, group="training",
        does="The first steps are short, for their directions are poor.",
    )  # fmt: skip
    clip: float = setting(
        1.0, "clip", "Longest gradient (clipping)", 1e-3, 1e6, group="training",
        does="A longer gradient is cut to this length, so no batch can wreck the run.",
    )  # fmt: skip
    steps: int = setting(
        1000, "steps", "Steps to train", 1, 1_000_000, group="training",
        does="Where training ends; it can go on from there.",
    )  # fmt: skip
    dtype: str = setting(
        "float32", "dtype", "Number format",
        choices=("float32", "float64"), group="training",
        does="The second has twice the digits and takes twice the room.",
    )  # fmt: skip
    model: str = setting(
        "encoder", "model", "Kind of model",
        choices=("encoder", "decoder", "encoder-decoder", "elman", "lstm"),
    )  # fmt: skip
    norm: str = setting(
        "post", "norm", "Where the layer norms stand",
        choices=("post", "pre", "none"), group="ablations",
        does="After each step, as in the paper; before it; or nowhere.",
    )  # fmt: skip
    positions: str = setting(
        "learned", "positions", "Position vectors",
        choices=("learned", "sinusoidal", "none"), group="ablations",
        does="What tells the model where a word stands; without, order is lost.",
    )  # fmt: skip
    activation: str = setting(
        "relu", "activation", "Inside the feed-forward step",
        choices=("relu", "gelu"), group="ablations",
        does="The bend between its two matrices: a sharp corner or a soft one.",
    )  # fmt: skip
    residual: bool = setting(
        True, "residual", "Add what came in (residual)", group="ablations",
        does="Off, each step replaces its input instead of adding to it.",
    )  # fmt: skip
    scale_scores: bool = setting(
        True, "scale", "Divide the scores by the root of dₖ", group="ablations",
        does="Off, scores grow with the length of the keys and softmax saturates.",
    )  # fmt: skip
    feed_forward: bool = setting(
        True, "ffn", "Feed-forward step", group="ablations",
        does="Off, there is attention only.",
    )  # fmt: skip
    orthogonal: bool = setting(False, "orthogonal", "Orthogonal start (elman only)")

    def __post_init__(self):
        validate(self)
        if self.d_model % self.n_heads:
            raise ConfigError(
                f"heads = {self.n_heads} does not divide d_model = {self.d_model}: "
                "each head takes an equal share of the numbers."
            )

    @property
    def d_head(self) -> int:
        """Numbers a word in one head."""
        return self.d_model // self.n_heads

    def described(self) -> dict[str, dict[str, Any]]:
        """Every setting by its key: value, default, label, and what is allowed."""
        return {
            f.metadata["key"]: {
                "value": written(getattr(self, f.name)),
                "default": written(f.default),
                "label": f.metadata["label"],
                "allowed": allowed(f),
            }
            for f in fields(self)
        }

    @classmethod
    def check(cls, key: str, text: str) -> Any:
        """The value of one setting, alone. Raises ConfigError if it is not allowed."""
        f = _field(key)
        return _checked(f, _parsed(f, text))

    @classmethod
    def from_strings(cls, given: dict[str, str]) -> "Config":
        """The settings written as text, as in a link: {"layers": "2", "lr": "1e-3"}.

        Raises ConfigError for a name or a value that is not allowed.
        """
        return cls(
            **{_field(key).name: cls.check(key, text) for key, text in given.items()}
        )

    def to_strings(self) -> dict[str, str]:
        """The settings that differ from the defaults, as from_strings reads them."""
        return {
            f.metadata["key"]: written(getattr(self, f.name))
            for f in fields(self)
            if getattr(self, f.name) != f.default
        }


def validate(settings: Any) -> None:
    """Check every field of a frozen dataclass that was made with `setting`.

    Raises ConfigError with the name, the value and what is allowed.
    """
    for f in fields(settings):
        object.__setattr__(settings, f.name, _checked(f, getattr(settings, f.name)))


def _field(key: str):
    by_key = {f.metadata["key"]: f for f in fields(Config)}
    if key not in by_key:
        raise ConfigError(
            f"There is no setting {key!r}. There are: {', '.join(by_key)}."
        )
    return by_key[key]


def written(value) -> str:
    """A value as a link has it."""
    if isinstance(value, bool):
        return next(text for text, meaning in SWITCH.items() if meaning is value)
    return str(value)


def allowed(f) -> str:
    """What a setting can be, in words."""
    if f.type is bool:
        return "on or off"
    if f.metadata["choices"]:
        return "one of " + ", ".join(f.metadata["choices"])
    kind = "a whole number" if f.type is int else "a number"
    low, high = (
        f"{f.metadata[end]:,.10f}".rstrip("0").rstrip(".") for end in ("low", "high")
    )
    return f"{kind} from {low} to {high}"


def _refusal(f, value) -> ConfigError:
    return ConfigError(
        f"{f.metadata['key']} = {value} is not allowed: it is {allowed(f)}."
    )


def _parsed(f, text: str):
    try:
        return SWITCH[text] if f.type is bool else f.type(text)
    except (KeyError, ValueError):
        raise _refusal(f, repr(text)) from None


def _checked(f, value):
    if f.type is bool:
        if not isinstance(value, bool):
            raise _refusal(f, repr(value))
        return value
    if f.metadata["choices"]:
        if value not in f.metadata["choices"]:
            raise _refusal(f, repr(value))
        return value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or (f.type is int and not isinstance(value, int)):
        raise _refusal(f, repr(value))
    if not f.metadata["low"] <= value <= f.metadata["high"]:  # also refuses NaN
        raise _refusal(f, value)
    return f.type(value)
