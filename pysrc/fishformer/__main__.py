"""The terminal: python3 -m fishformer train, and complete "the bass ___ at night"."""

import argparse
import signal
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from fishformer.completion import GAP, GapError, fill_gaps, read_gapped, top_words
from fishformer.config import Config, ConfigError
from fishformer.corpus import Corpus, CorpusError, load_corpus, load_fish
from fishformer.storage import StorageError, load, save
from fishformer.tokenizer import UnknownWordError, split_sentence
from fishformer.training import StepReport, Trainer, train

UNSAVED = "fishformer-run.npz"  # where Ctrl-C saves when --save names no file
SHADES = (("░", 0.1), ("▒", 0.3), ("▓", 0.5), ("█", 0.7))


class UsageError(ValueError):
    """The command cannot be carried out as it was given."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status. Errors take one line."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except UnknownWordError as error:
        print(f"fishformer: {error}", file=sys.stderr)
    except (
        UsageError,
        ConfigError,
        CorpusError,
        GapError,
        StorageError,
        OSError,
    ) as error:
        print(f"fishformer: {error}", file=sys.stderr)
    return 2


def parser() -> argparse.ArgumentParser:
    """Every setting of Config is an option of `train` and of `complete`."""
    top = argparse.ArgumentParser(
        prog="python3 -m fishformer",
        description="Train a small transformer in pure numpy to fill in words.",
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--load", metavar="FILE", help="go on from a saved run (.npz)")
    common.add_argument("--save", metavar="FILE", help="save the run here (.npz)")
    common.add_argument("--corpus", metavar="FILE", help="one sentence a line")
    settings = common.add_argument_group("settings")
    for f in fields(Config):
        meta = f.metadata
        settings.add_argument(
            f"--{meta['key']}", metavar="N", help=f"{meta['label']} ({f.default})"
        )
    command = commands.add_parser("train", parents=[common], help="train a model")
    command.add_argument(
        "--attention", metavar="SENTENCE", help="show its attention as blocks of shade"
    )
    command.set_defaults(run=run_train)
    command = commands.add_parser(
        "complete", parents=[common], help="fill the gap, written ___ , in a sentence"
    )
    command.add_argument("sentence")
    command.set_defaults(run=run_complete)
    return top


def make_trainer(options: argparse.Namespace) -> Trainer:
    """A new run from the options, or the one that --load names."""
    keys = [f.metadata["key"] for f in fields(Config)]
    given = {k: getattr(options, k) for k in keys if getattr(options, k) is not None}
    if options.load is None:
        return Trainer(Config.from_strings(given), read_corpus(options.corpus))
    steps = given.pop("steps", None)
    if given or options.corpus:
        named = ", ".join(f"--{key}" for key in given) or "--corpus"
        raise UsageError(f"a loaded run keeps its own settings: leave out {named}.")
    trainer = load(options.load)
    if steps is not None:
        end = Config.from_strings({"steps": steps}).steps
        trainer.config = replace(trainer.config, steps=end)
    return trainer


def read_corpus(path: str | None) -> Corpus:
    """The fish sentences, or those of a file; what was left out goes to stderr."""
    if path is None:
        return load_fish()
    try:
        text = Path(path).read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8.") from None
    corpus = load_corpus(text, name=Path(path).name)
    for number, _, reason in corpus.report.skipped:
        print(f"line {number} left out: {reason}", file=sys.stderr)
    for note in corpus.report.notes:
        print(note, file=sys.stderr)
    return corpus


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


def run_training(trainer: Trainer, interrupt: Interrupt) -> StepReport:
    """Train to the end or to a Ctrl-C, with the loss on one line."""
    started, first = time.perf_counter(), trainer.report.step
    live = sys.stderr.isatty()
    end = trainer.config.steps
    for report in train(trainer.config, trainer=trainer):
        line = f"step {report.step:,} of {end:,}   loss {report.loss:.3f}"
        if report.held_out:
            loss, top_1, _ = report.held_out
            line += f"   held-out {loss:.3f}, right {top_1:.0%}"
        pace = (report.step - first) / (time.perf_counter() - started)
        line += f"   {pace:.0f} steps/s"
        if live:
            print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
        elif report.step % 100 == 0 or report.step == end:
            print(line, file=sys.stderr, flush=True)
        if interrupt.asked:
            break
    if live:
        print(file=sys.stderr)
    return report


def train_and_save(options: argparse.Namespace, trainer: Trainer) -> int:
    """Train; save where asked, and also on Ctrl-C. Returns the exit status."""
    with Interrupt() as interrupt:
        report = run_training(trainer, interrupt)
    if report.trouble:
        raise UsageError(f"stopped at step {report.step}. {report.trouble}")
    path = options.save or (UNSAVED if interrupt.asked else None)
    if path:
        save(path, trainer)
        print(f"Saved in {path}.", file=sys.stderr)
    if interrupt.asked:
        print(
            f"Stopped at step {report.step:,}. Go on with: "
            f"python3 -m fishformer train --load {path}",
            file=sys.stderr,
        )
        return 130
    return 0


def run_train(options: argparse.Namespace) -> int:
    """train: to the end, then the attention of a sentence if asked."""
    trainer = make_trainer(options)
    words = None
    if options.attention is not None:
        words = read_sentence(options.attention, trainer)
    status = train_and_save(options, trainer)
    if words is not None and status == 0:
        print_attention(trainer, words)
    return status


def run_complete(options: argparse.Namespace) -> int:
    """complete: the five likeliest words, by a loaded run or one trained now."""
    trainer = make_trainer(options)
    tokenizer = trainer.data.tokenizer
    words = read_gapped(options.sentence, tokenizer, trainer.model.max_len)
    if options.load is None and (status := train_and_save(options, trainer)):
        return status
    probs, _ = fill_gaps(trainer.model, tokenizer, [words])
    for word, share in top_words(probs[0], tokenizer):
        print(f"{share:6.1%}  {word}")
    return 0


def read_sentence(text: str, trainer: Trainer) -> tuple[str, ...]:
    """The words of a sentence, with or without a gap, that the model can read."""
    words = tuple(split_sentence(text))
    trainer.data.tokenizer.encode(words)
    if not 1 <= len(words) <= trainer.model.max_len:
        raise UsageError(
            f"--attention takes a sentence of 1 to {trainer.model.max_len} words; "
            f"this one has {len(words)}."
        )
    return words


def print_attention(trainer: Trainer, words: tuple[str, ...]) -> None:
    """Each layer's heads side by side: rows look, columns are looked at."""
    token_ids = np.array([trainer.data.tokenizer.encode(words)])
    _, trace = trainer.model.forward(token_ids, (np.array([0]), np.array([0])))
    names = ["___" if word == GAP else word for word in words]
    margin = max(len(name) for name in names)
    for layer, block in enumerate(trace.blocks, start=1):
        heads = block.attention.attn_weights[0]  # (H, T, T)
        titles = (f"head {h + 1}".ljust(2 * len(words)) for h in range(len(heads)))
        print(f"\n{f'layer {layer}':>{margin}}  " + "  ".join(titles).rstrip())
        for row, name in enumerate(names):
            shades = (
                "".join(shade(share) * 2 for share in head[row]) for head in heads
            )
            print(f"{name:>{margin}}  " + "  ".join(shades).rstrip())
    print(f"\nShades: {', '.join(f'{s} from {low:.0%}' for s, low in SHADES)}.")


def shade(share: float) -> str:
    """A block whose darkness is a share of attention."""
    return next((s for s, low in reversed(SHADES) if share >= low), " ")


if __name__ == "__main__":
    sys.exit(main())
