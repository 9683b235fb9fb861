"""train, complete, generate and translate. Each returns the exit status."""

import argparse
import sys
from collections.abc import Collection
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from fishformer import sampling
from fishformer.completion import as_typed, fill_gaps, read_gapped, top_words
from fishformer.config import Config
from fishformer.corpus import Corpus, load_corpus, load_fish
from fishformer.datasets import load_french
from fishformer.sampling import Sampling, write
from fishformer.storage import load, save
from fishformer.tasks import Data
from fishformer.terminal.console import (
    Interrupt,
    UsageError,
    check_number,
    print_attention,
    run_training,
)
from fishformer.tokenizer import END, SPECIALS, START, split_sentence
from fishformer.training import Trainer

UNSAVED = "fishformer-run.npz"  # where Ctrl-C saves when --save names no file
KEYS = [f.metadata["key"] for f in fields(Config)]
DRAWING = [f.name for f in fields(Sampling)]
MOST = 1_000  # sentences at a time
READERS = ("encoder",)
WRITERS = ("decoder", "elman", "lstm")
TRANSLATORS = ("encoder-decoder",)


# ---- what a command works on -----------------------------------------------------


def given(options: argparse.Namespace, names: Collection[str]) -> dict:
    """Those of some options that stand in the command."""
    values = {name: getattr(options, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def config_of(options: argparse.Namespace) -> Config:
    """The settings of the command, over its own defaults, over those of Config."""
    return Config.from_strings({**options.defaults, **given(options, KEYS)})


def make_trainer(
    options: argparse.Namespace, kinds: Collection[str], free: Collection[str] = ()
) -> Trainer:
    """A new run, or the one that --load names, of a kind that can do what is asked.

    Only the options in `free` may stand beside --load.
    """
    if options.load is None:
        config = config_of(options)
        check_kind(config, kinds)
        path = getattr(options, "corpus", None)
        return Trainer(config, read_data(path, config))
    too_much = given(options, {*KEYS, "corpus", "save"} - {*free})
    if too_much:
        named = ", ".join(f"--{key}" for key in sorted(too_much))
        raise UsageError(f"a loaded run keeps its own settings: leave out {named}.")
    trainer = load(options.load)
    check_kind(trainer.config, kinds)
    return trainer


def check_kind(config: Config, kinds: Collection[str]) -> None:
    """Raises UsageError for a kind of model that cannot do what is asked."""
    if config.model not in kinds:
        raise UsageError(
            f"model = {config.model} cannot do this: it takes {' or '.join(kinds)}."
        )


def read_data(path: str | None, config: Config) -> Data:
    """The sentences of a file; or the fish, or the French for an encoder-decoder."""
    if path is not None:
        return read_corpus(path)
    return load_french() if config.model in TRANSLATORS else load_fish()


def read_corpus(path: str) -> Corpus:
    """The sentences of a file; what was left out goes to stderr."""
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


def train_and_save(options: argparse.Namespace, trainer: Trainer) -> int:
    """Train; save where asked, and also on Ctrl-C."""
    with Interrupt() as interrupt:
        report = run_training(trainer, interrupt)
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


def train_if_new(options: argparse.Namespace, trainer: Trainer) -> int:
    """Train a run that was not loaded."""
    return 0 if options.load else train_and_save(options, trainer)


# ---- the commands ----------------------------------------------------------------


def train(options: argparse.Namespace) -> int:
    """train: to the end, then the attention of a sentence if asked."""
    trainer = make_trainer(
        options, READERS + WRITERS + TRANSLATORS, free=("steps", "save")
    )
    if options.load and options.steps is not None:
        end = Config.from_strings({"steps": options.steps}).steps
        here = trainer.report.step
        if end < here:
            raise UsageError(
                f"steps = {end:,}: {options.load} stands at step {here:,}, and a run "
                f"goes on from where it stands. {here:,} or more are allowed."
            )
        trainer.config = replace(trainer.config, steps=end)
    words: tuple[str, ...] = ()
    if options.attention is not None:
        words = read_sentence(options.attention, trainer)
    status = train_and_save(options, trainer)
    if words and status == 0:
        token_ids = np.array([trainer.task.tokenizer.encode(words)])
        _, trace = trainer.model.forward(token_ids, (np.array([0]), np.array([0])))
        names = as_typed(words).split()
        layers = [block.attention.attn_weights[0] for block in trace.blocks]
        print_attention(layers, names, names)
    return status


def read_sentence(text: str, trainer: Trainer) -> tuple[str, ...]:
    """The words whose attention to show, as the model reads them."""
    kind, most = trainer.config.model, trainer.model.max_len
    if kind not in ("encoder", "decoder"):
        raise UsageError(f"--attention takes an encoder or a decoder, not {kind}.")
    words = tuple(split_sentence(text))
    if kind == "decoder":
        words, most = (SPECIALS[START], *words), most - 1
    trainer.task.tokenizer.encode(words)
    n = len(split_sentence(text))
    if not 1 <= n <= most:
        raise UsageError(
            f"--attention takes a sentence of 1 to {most} words; this one has {n}."
        )
    return words


def complete(options: argparse.Namespace) -> int:
    """complete: the five likeliest words, by a loaded run or one trained now."""
    trainer = make_trainer(options, READERS)
    tokenizer = trainer.task.tokenizer
    words = read_gapped(options.sentence, tokenizer, trainer.model.max_len)
    status = train_if_new(options, trainer)
    if status == 0:
        probs, _ = fill_gaps(trainer.model, tokenizer, [words])
        for word, share in top_words(probs[0], tokenizer):
            print(f"{share:6.1%}  {word}")
    return status


def generate(options: argparse.Namespace) -> int:
    """generate: sentences that go on from their first words."""
    check_number("n", options.n, MOST)
    how = Sampling(**given(options, DRAWING))
    trainer = make_trainer(options, WRITERS, free=("seed",))
    start, rng = split_sentence(options.start), make_rng(options, trainer)
    writing = trainer.model, trainer.task.tokenizer, start, rng, how
    write(*writing)  # refuses at once what it cannot go on from
    status = train_if_new(options, trainer)
    if status == 0:
        for _ in range(options.n):
            written = [step.word for step in write(*writing) if step.token_id != END]
            print(" ".join([*start, *written]))
    return status


def translate(options: argparse.Namespace) -> int:
    """translate: the English of a French sentence, and where it looked if asked."""
    how = Sampling(**{"temperature": 0.0, **given(options, DRAWING)})
    trainer = make_trainer(options, TRANSLATORS, free=("seed",))
    model, tokenizer = trainer.model, trainer.task.tokenizer
    source, rng = split_sentence(options.sentence), make_rng(options, trainer)
    write(model, tokenizer, (), rng, how, source)  # refuses at once what it cannot read
    status = train_if_new(options, trainer)
    if status == 0:
        rewritten = sampling.translate(model, tokenizer, source, rng, how)
        print(" ".join(rewritten.words))
        if options.attention:
            rows = [*rewritten.words, SPECIALS[END]][: len(rewritten.probs)]
            print_attention(list(rewritten.attn_weights), rows, source)
    return status


def make_rng(options: argparse.Namespace, trainer: Trainer) -> np.random.Generator:
    """Randomness for drawing words: of the seed given, or of the run's own."""
    if options.seed is None:
        return np.random.default_rng(trainer.config.seed)
    return np.random.default_rng(Config.from_strings({"seed": options.seed}).seed)
