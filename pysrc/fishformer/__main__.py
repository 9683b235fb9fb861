"""The terminal: python3 -m fishformer train, complete, generate, translate, compare."""

import argparse
import sys
from dataclasses import fields

from fishformer.completion import GapError
from fishformer.config import Config, ConfigError
from fishformer.corpus import CorpusError
from fishformer.sampling import Sampling, WritingError
from fishformer.storage import StorageError
from fishformer.terminal import commands
from fishformer.terminal.compare import DISTANCES, RACERS, compare
from fishformer.terminal.console import UsageError
from fishformer.tokenizer import UnknownWordError

REFUSALS = (
    UsageError,
    ConfigError,
    CorpusError,
    GapError,
    WritingError,
    StorageError,
    UnknownWordError,
    OSError,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status. Errors take one line."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except REFUSALS as error:
        print(f"fishformer: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # not in training, where it is noted and saves the run
        return 130


class Parser(argparse.ArgumentParser):
    """Says on one line what it does not understand."""

    def error(self, message: str):
        """End with status 2."""
        self.exit(2, f"fishformer: {message} (see {self.prog} --help)\n")


def parser() -> argparse.ArgumentParser:
    """Every setting of Config is an option of every command."""
    top = Parser(
        prog="python3 -m fishformer",
        description="Train small language models in pure numpy.",
    )
    subparsers = top.add_subparsers(required=True, metavar="COMMAND")

    def command(run, summary: str, **defaults: str) -> argparse.ArgumentParser:
        added = subparsers.add_parser(run.__name__, help=summary, allow_abbrev=False)
        added.set_defaults(run=run, defaults=defaults)
        settings = added.add_argument_group("settings")
        for f in fields(Config):
            key, label = f.metadata["key"], f.metadata["label"]
            default = defaults.get(key, f.default)
            settings.add_argument(f"--{key}", metavar="N", help=f"{label} ({default})")
        return added

    def add_drawing(added: argparse.ArgumentParser, unless_given: str) -> None:
        words = added.add_argument_group(f"drawing words ({unless_given})")
        for f in fields(Sampling):
            label = f.metadata["label"]
            words.add_argument(f"--{f.name}", type=f.type, metavar="N", help=label)

    train = command(commands.train, "train a model")
    train.add_argument(
        "--attention", metavar="SENTENCE", help="show its attention as blocks of shade"
    )
    complete = command(commands.complete, "fill the gap in a sentence")
    complete.add_argument("sentence", help='with a gap, written ___ : "the ___ swims"')
    generate = command(commands.generate, "write sentences", model="decoder")
    generate.add_argument("start", nargs="?", default="", help="their first words")
    generate.add_argument("--n", type=int, default=1, metavar="N", help="how many (1)")
    add_drawing(generate, "as the model has it unless given")
    translate = command(
        commands.translate, "French to English", model="encoder-decoder"
    )
    translate.add_argument("sentence")
    translate.add_argument(
        "--attention", action="store_true", help="show where it looked for each word"
    )
    add_drawing(translate, "the likeliest unless given")
    for one in (train, complete, generate, translate):
        one.add_argument("--load", metavar="FILE", help="use a saved run (.npz)")
        one.add_argument("--save", metavar="FILE", help="save the run here (.npz)")
    for one in (train, complete, generate):
        one.add_argument("--corpus", metavar="FILE", help="one sentence a line")

    race = command(compare, "which one recalls a first word?", layers="1", steps="300")
    race.add_argument(
        "models", nargs="+", choices=RACERS, metavar="MODEL", help=", ".join(RACERS)
    )
    race.add_argument(
        "--distances", nargs="+", type=int, default=DISTANCES, metavar="N",
        help=f"words from the first to the question ({' '.join(map(str, DISTANCES))})",
    )  # fmt: skip
    race.add_argument("--n", type=int, default=1, metavar="N", help="seeds (1)")
    return top


if __name__ == "__main__":
    sys.exit(main())
