"""What exported files are called, and what pictures say of themselves."""

import re

from fishformer.config import Config
from fishformer.runs import Run

LONGEST = 40  # characters of a part that somebody else chose


def stem(config: Config, step: int, edited: bool = False) -> str:
    """Such as "fishformer-2-layers-seed-7-step-412", the name before its ending."""
    layers = f"{config.n_layers}-layer{'s' if config.n_layers > 1 else ''}"
    changed = "-edited" if edited else ""
    return f"fishformer-{layers}-seed-{config.seed}{changed}-step-{step}"


def part(exhibit: str, title: str, step: int) -> str:
    """Such as "fishformer-e10-attention-step-412", of a picture or table."""
    return f"fishformer-{exhibit}-{slug(title)}-step-{step}".replace("--", "-")


def source(exhibit: str, run: Run | None, step: int) -> str:
    """What stands below a picture: the exhibit, and the run that it shows, if any."""
    place = f"Fishformer, {exhibit.upper() if exhibit[-1:].isdigit() else exhibit}"
    if run is None:
        return place
    edited = ", its Python edited" if run.edits else ""
    return f"{place}: {run.name}, step {step:,}, seed {run.config.seed}{edited}"


def slug(text: str) -> str:
    """A text as a part of a file name: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:LONGEST].strip("-")
