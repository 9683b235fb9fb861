"""What the page says of the live run as a whole, outside of all exhibits."""

from collections.abc import Sequence
from typing import Any

from fishformer.corpus_text import Skipped
from fishformer.workbench import Workbench

TOLD = 5  # skipped lines that are named one by one


def _told(skipped: Sequence[Skipped]) -> list[str]:
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


def run_view(bench: Workbench) -> dict[str, Any]:
    """The run's troubles, its sentences, and what the address should say of it."""
    trouble = bench.timeline.report.trouble
    before = max(bench.timeline.step - 1, 0)
    report = bench.corpus.report
    return {
        "trouble": trouble
        and {
            "step": bench.timeline.step,
            "message": trouble,
            "back": max(k for k in bench.timeline.checkpoints if k <= before),
        },
        "notices": bench.notices,
        "settings": bench.config.to_strings(),
        "corpus": {
            "name": bench.corpus.name,
            "sentences": report.n_sentences,
            "words": len(bench.corpus.tokenizer),
            "memorises": report.memorises,
            "notes": list(report.notes),
            "skipped": _told(report.skipped),
            "own": bench.text is not None,
        },
        "facts": facts(bench),
    }
