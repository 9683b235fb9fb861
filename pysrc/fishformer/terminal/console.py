"""What the commands share: training with its progress on one line, and pictures."""

import signal
import sys
import time
from collections.abc import Sequence
from shutil import get_terminal_size

import numpy as np

from fishformer.training import StepReport, Trainer, train

SHADES = (("░", 0.1), ("▒", 0.3), ("▓", 0.5), ("█", 0.7))


class UsageError(ValueError):
    """The command cannot be carried out as it was given."""


def check_number(name: str, value: int, most: int) -> None:
    """Raises UsageError, by name, for a number that is not from 1 to `most`."""
    if not 1 <= value <= most:
        raise UsageError(
            f"{name} = {value} is not allowed: it is a whole number from 1 to {most:,}."
        )


class Interrupt:
    """Within it Ctrl-C is only noted, in `asked`, so that no step is torn in two."""

    def __enter__(self) -> "Interrupt":
        self.asked = False
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *error) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _note(self, *_) -> None:
        self.asked = True


def run_training(trainer: Trainer, interrupt: Interrupt, title: str = "") -> StepReport:
    """Train to the end or to a Ctrl-C, with the loss on one line.

    Raises UsageError where training cannot go on.
    """
    started, first = time.perf_counter(), trainer.report.step
    live = sys.stderr.isatty()
    end = trainer.config.steps
    for report in train(trainer.config, trainer=trainer):
        line = f"{title}step {report.step:,} of {end:,}   loss {report.loss:.3f}"
        if report.held_out:
            loss, top_1, _ = report.held_out
            line += f"   held-out {loss:.3f}, right {top_1:.0%}"
        pace = (report.step - first) / (time.perf_counter() - started)
        line += f"   {pace:.0f} steps/s"
        if live:
            line = line[: get_terminal_size().columns - 1]  # what wraps cannot go back
            print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
        elif report.step % 100 == 0 or report.step == end:
            print(line, file=sys.stderr, flush=True)
        if interrupt.asked:
            break
    if live:
        print(file=sys.stderr)
    if report.trouble:
        raise UsageError(f"{title}stopped at step {report.step}. {report.trouble}")
    return report


def print_attention(
    layers: Sequence[np.ndarray], rows: Sequence[str], columns: Sequence[str]
) -> None:
    """Each layer's heads (H, T, S) side by side: rows look, columns are looked at."""
    margin = max(len(name) for name in rows)
    for layer, heads in enumerate(layers, start=1):
        titles = (f"head {h + 1}".ljust(2 * len(columns)) for h in range(len(heads)))
        print(f"\n{f'layer {layer}':>{margin}}  " + "  ".join(titles).rstrip())
        for row, name in enumerate(rows):
            shades = (
                "".join(shade(share) * 2 for share in head[row]) for head in heads
            )
            print(f"{name:>{margin}}  " + "  ".join(shades).rstrip())
    print(f"\nColumns: {' '.join(columns)}.")
    print(f"Shades: {', '.join(f'{s} from {low:.0%}' for s, low in SHADES)}.")


def shade(share: float) -> str:
    """A block whose darkness is a share of attention."""
    return next((s for s, low in reversed(SHADES) if share >= low), " ")
