"""What E18 says of the mask and of the writer, and its tables.

Shapes: T words, H heads.
"""

from collections.abc import Sequence

import numpy as np

from fishformer.charts.bars import percent
from fishformer.completion import as_typed
from fishformer.corpus import Corpus, Words
from fishformer.exhibits.draft import ALL_WORDS, Count, Draft, shown
from fishformer.exhibits.e18_pictures import LISTED, MASK_WORDS
from fishformer.exhibits.exhibit import Piece, Table
from fishformer.lessons.runs import WriterRun
from fishformer.lessons.verdict import Judge
from fishformer.tokenizer import END

UNTRAINED = (
    "Neither of the two is trained: every word is about as likely as any other. The "
    "reader is the live model, and learns as you watch."
)


def mask_said(looks: np.ndarray, masked: bool) -> list[Piece]:
    """What the picture of the mask shows, in words: looks (H, T, T)."""
    T = looks.shape[-1]
    part = f" The first {MASK_WORDS} are shown." if T > MASK_WORDS else ""
    if not masked:
        return [
            ("No mask: each of the ", ""), (f"{T}", "num"),
            (" words may look at all of them, those that come later too.", ""),
            (part, ""),
        ]  # fmt: skip
    future = looks[:, *np.triu_indices(T, k=1)]
    return [
        ("−∞", "num"),
        (f" is added to {T * (T - 1) // 2:,} of {T * T:,} scores. Softmax ", ""),
        ("makes each a weight of ", ""), (f"{future.max(initial=0):g}", "num"),
        (f": no word sees what comes after it.{part}", ""),
    ]  # fmt: skip


def asked_said(draft: Draft) -> list[Piece]:
    """Which word is asked for, and what was drawn."""
    words = [shown(word) for word in draft.words[: draft.place]]
    asked: list[Piece] = [("After ", ""), (" ".join(["(start)", *words]), "strong")]
    if draft.drawn is None:
        return [*asked, (" comes one of these:", "")]
    own, after = draft.shares()
    return [
        *asked, (" it drew ", ""),
        (shown(draft.run.tokenizer.words[draft.drawn]), "strong"),
        (f", which had {percent(after[draft.drawn])} of the draw and ", ""),
        (f"{percent(own[draft.drawn])} by the model.", ""),
    ]  # fmt: skip


def verdict_said(draft: Draft, judge: Judge) -> list[Piece]:
    """On a sentence that has its end."""
    if not draft.ended:
        return []
    if END not in draft.written:
        return [("No place is left, and it has not come to an end.", "differs")]
    verdict = judge.verdict(draft.words)
    n = len(draft.run.corpus.train)
    if verdict.recited:
        return [(f"Recited: it is one of the {n:,} training sentences.", "differs")]
    new = f"New: it is none of the {n:,} training sentences"
    if verdict.grammatical is None:
        return [(f"{new}.", "same")]
    if verdict.grammatical:
        return [(f"{new}, and their grammar allows it.", "same")]
    return [(new, "same"), (", but their grammar does not allow it.", "differs")]


def sampling_said(draft: Draft) -> tuple[str, str, str]:
    """How a word is drawn: temperature, top k and top p."""
    heat, top_k, top_p = draft.temperature, draft.top_k, draft.top_p
    return (
        f"{heat:.1f}" if heat else "0, the likeliest",
        "all" if top_k >= ALL_WORDS else str(top_k),
        f"{top_p:.2f}" if top_p < 1 else "1, all",
    )


def gapped_said(words: Words) -> list[Piece]:
    """A sentence around its gap: what is before it, the gap, and what comes after."""
    before, _, after = as_typed(words).partition("___")
    return [(before, ""), ("___", "strong"), (after or " ", "")]


def reader_finding(
    guess: tuple[str, float], before: Words, theirs: float | None
) -> str:
    """The reader's first guess, and what the writer gives it if it is trained."""
    word, share = guess
    says = f"The reader’s first guess is {word}, {percent(share)}."
    if theirs is None:
        return f"{says} The writer is not trained yet."
    read = f"has read only “{' '.join(before)}”" if before else "has read nothing"
    return f"{says} The writer, which {read}, gives that word {percent(theirs)}."


def guesses_table(
    words: Words, reader: list[tuple[str, float]], writer: list[tuple[str, float]]
) -> Table:
    """What each of the two would put into the gap, best first."""
    rows = [
        [ours, f"{a:.1%}", theirs, f"{b:.1%}"]
        for (ours, a), (theirs, b) in zip(reader, writer, strict=True)
    ]
    columns = ["reader", "share", "writer", "share"]
    return Table(f"Guesses for “{as_typed(words)}”", columns, rows)


def writer_said(run: WriterRun, training: bool) -> str:
    """How far the writer's training is."""
    if training:
        return f"training the writer, step {run.step:,} of {run.end:,}"
    if run.done and not run.trouble:
        return f"the writer, trained for {run.step:,} steps"
    if run.step:
        return f"the writer, stopped at step {run.step:,}"
    return "the writer, not trained yet"


def loss_said(run: WriterRun) -> str:
    """The losses on held-out sentences."""
    losses = ", ".join(f"{v:.2f} at step {k}" for k, v in run.held_out.items())
    return f"The writer’s loss, held out: {losses or 'not measured yet'}."


def next_said(draft: Draft) -> str:
    """What the next word is drawn from."""
    names, (_, after) = draft.run.tokenizer.words, draft.shares()
    shares = ", ".join(
        f"{shown(names[k])} {percent(after[k])}" for k in draft.likeliest(LISTED)
    )
    return f"The next word is drawn from: {shares}."


def writer_finding(run: WriterRun, step: int, counts: Sequence[Count]) -> str:
    """How well the writer writes at a step."""
    if not step:
        return (
            "Not trained yet: each word is about as likely as any other, and so it "
            "writes. What it looks at is even, too, but never later than itself."
        )
    says = f"The writer of step {step:,}; nothing is held out to test it with."
    if step in run.held_out:
        least = min(run.held_out, key=lambda at: run.held_out[at])
        says = (
            f"The writer of step {step:,} has a loss of "
            f"{run.held_out[step]:.2f} on held-out sentences; its best is "
            f"{run.held_out[least]:.2f}, at step {least:,}."
        )
    if counts and counts[-1].sentences:
        count = counts[-1]
        says += (
            f" Of {len(count.sentences)} sentences written at step {count.step:,}, "
            f"{percent(count.share('recited'))} stand word for word in training."
        )
    return says


def writer_tables(draft: Draft, counts: Sequence[Count]) -> list[Table]:
    """The next word, the loss, and the sentences that were counted last."""
    run, names = draft.run, draft.run.tokenizer.words
    own, after = draft.shares()
    rows = [
        [shown(names[k]), f"{own[k]:.1%}", f"{after[k]:.1%}"]
        for k in draft.likeliest(LISTED)
    ]
    columns = ["word", "the model’s share", "the draw’s"]
    tables = [Table("The next word", columns, rows)]
    if run.held_out:
        rows = [[f"{k:,}", f"{v:.3f}"] for k, v in run.held_out.items()]
        tables.append(Table("Loss on held-out sentences", ["step", "nats"], rows))
    for count in counts[-1:]:
        says = {None: "–", True: "yes", False: "no"}
        rows = [
            [" ".join(words), "recited" if v.recited else "new", says[v.grammatical]]
            for words, v in zip(count.sentences, count.verdicts, strict=True)
        ]
        columns = ["sentence", "new or recited", "grammatical"]
        tables.append(Table(f"Written at step {count.step:,}", columns, rows))
    return tables


def questions(corpus: Corpus) -> float:
    """How many words a training sentence asks of the writer, its end included."""
    return sum(len(words) + 1 for words in corpus.train) / len(corpus.train)


def counted_said(counts: Sequence[Count], most: int) -> str:
    """How far the writing and judging has come."""
    if not counts:
        return f"{most} sentences, each from nothing, with the settings above"
    return f"{len(counts[-1].sentences)} of {most} written and judged"
