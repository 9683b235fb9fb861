"""What the page says of the live run as a whole, outside of all exhibits."""

from collections.abc import Sequence
from typing import Any

from fishformer.config import Config
from fishformer.corpus_text import Skipped
from fishformer.workbench import Workbench

LEAST_LR = 1e-6
WHY = (
    "A step that is too long lands beyond the valley, higher up than it began; there "
    "the slope is steeper, and the next step longer still."
)
TOLD = 5  # skipped lines that are named one by one


def told(skipped: Sequence[Skipped]) -> list[str]:
    """What became of the lines of a corpus that were left out."""
    told = [f"Line {line.line_number:,} left out: {line.reason}" for line in skipped]
    if len(told) > TOLD + 1:
        told[TOLD:] = [f"And {len(told) - TOLD:,} more lines."]
    return told


def facts(bench: Workbench) -> dict[str, int | float]:
    """Numbers that the page's prose names; the losses are in nats."""
    report, references = bench.corpus.report, bench.corpus.references
    losses = {name: loss for name, loss in vars(references).items() if loss is not None}
    return losses | {
        "layers": bench.config.n_layers,
        "heads": bench.config.n_heads,
        "parameters": bench.timeline.trainer.model.params.buffer.size,
        "sentences": report.n_sentences,
        "vocabulary": len(bench.corpus.tokenizer),
        "steps": bench.config.steps,
    }


def remedy(config: Config) -> dict[str, Any] | None:
    """Settings that may do better, and words for them."""
    lr = float(f"{config.lr / 10:.3g}")
    if lr < LEAST_LR:
        return None
    return {
        "words": f"Train again with a tenth of the learning rate, {lr:g}",
        "settings": {**config.to_strings(), "lr": f"{lr:g}"},
    }


def _trouble(bench: Workbench) -> dict[str, Any] | None:
    """Why training cannot go on, and what to do about it."""
    trouble = bench.timeline.report.trouble
    if not trouble:
        return None
    step = bench.timeline.step
    back = max(k for k in bench.timeline.checkpoints if k <= max(step - 1, 0))
    return {
        "step": step,
        "title": f"Training stopped at step {step}",
        "what": f"{trouble} {WHY}",
        "kept": f"Nothing is lost. Steps 0 to {step} are still on the timeline.",
        "back": back,
        "button": f"Go back to step {back}",
        "remedy": remedy(bench.config),
    }


def run_view(bench: Workbench) -> dict[str, Any]:
    """The run's troubles, its sentences, and what the address should say of it."""
    report = bench.corpus.report
    sizes = (
        f"Learning from {report.n_sentences:,} sentences, a vocabulary of "
        f"{len(bench.corpus.tokenizer):,}."
    )
    return {
        "trouble": _trouble(bench),
        "notices": [*bench.notices],  # there may be more of them by the next view
        "settings": bench.config.to_strings(),
        "corpus": {
            "report": [sizes, *report.notes, *told(report.skipped)],
            "own": bench.text is not None,
        },
        "facts": facts(bench),
    }
