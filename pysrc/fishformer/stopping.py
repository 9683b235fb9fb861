"""When training stops by itself before its end.

Each rule is a plain question about the history of a run at one step, true at the step
where something happens and not at those after it: so training can go on from there.
"""

import math
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from fishformer.config import setting, validate
from fishformer.timeline import Timeline
from fishformer.training import HELD_OUT_EVERY

MEAN_OF = 10  # steps whose training losses count together: one batch alone is noisy


@dataclass(frozen=True)
class StopRules:
    """What training stops at; 0 is never. Raises ConfigError out of bounds."""

    at_step: int = setting(0, "at_step", "At step", 0, 1_000_000)
    at_loss: float = setting(0.0, "at_loss", "At a training loss of", 0, 100)
    patience: int = setting(0, "patience", "Looks without a better loss", 0, 100)

    def __post_init__(self):
        validate(self)


class Stop(NamedTuple):
    """Why training stopped, and the step to go back to, if there is a better one."""

    step: int
    reason: str
    best: int | None = None


def recent_loss(timeline: Timeline, step: int) -> float:
    """The mean of the last MEAN_OF training losses up to a step; inf before."""
    if step < MEAN_OF - 1:
        return math.inf
    return math.fsum(timeline.losses[step + 1 - MEAN_OF : step + 1]) / MEAN_OF


def best_look(timeline: Timeline, step: int) -> int | None:
    """The step up to a step at which the held-out loss was lowest, the first of such.

    None where nothing is held out.
    """
    looks = islice(timeline.held_out.items(), step // HELD_OUT_EVERY + 1)
    best = min(looks, key=lambda look: (look[1].loss, look[0]), default=None)
    return best and best[0]


def stop_at(rules: StopRules, timeline: Timeline) -> Stop | None:
    """Whether a rule says stop at the step where the timeline stands."""
    step = timeline.step
    if rules.at_step and step == rules.at_step:
        return Stop(step, f"Stopped at step {step:,}, as you asked.")
    if rules.at_loss:
        now = recent_loss(timeline, step)
        if now <= rules.at_loss < recent_loss(timeline, step - 1):
            return Stop(
                step,
                f"Stopped at step {step:,}: the training loss, as the mean of "
                f"{MEAN_OF} steps, has come down to {now:.2f}.",
            )
    if rules.patience and step in timeline.held_out:
        best = best_look(timeline, step)
        if best is not None and step - best == rules.patience * HELD_OUT_EVERY:
            then, now = timeline.held_out[best].loss, timeline.held_out[step].loss
            return Stop(
                step,
                f"Stopped at step {step:,}: in {rules.patience} looks the held-out "
                f"loss has not come below {then:.2f}, where it was at step {best:,}. "
                f"Now it is {now:.2f}.",
                best,
            )
    return None
