"""What each head does, by measures, and what it costs to take some heads out.

Both are for a few sentences at a time, so that a page can do it in short pieces; all
read a model and change nothing in it.

Shapes: L layers, H heads, M measures.
"""

from typing import NamedTuple

import numpy as np

from fishformer.corpus import Corpus
from fishformer.experiments import loss_without
from fishformer.model import Transformer
from fishformer.probes import (
    Share,
    attention_entropy,
    attention_of,
    cue_places,
    head_scores,
    own_clause,
    sense_cues,
    share_on,
)
from fishformer.tasks import Batch, MaskedWords, hide, random_positions, trimmed

SENTENCES = 12  # for the measures, at every step
SENTENCES_A_PIECE = 20  # of a loss
ASKED = 80  # sentences at most, where none are held out
ANYWHERE = np.array([0]), np.array([0])  # only the attention is wanted


class HeadScores(NamedTuple):
    """What every head does, at one step."""

    shares: dict[str, Share]  # by the name of the words that are looked at
    evenness: np.ndarray  # (L, H) 1 spread evenly, 0 all on one word


class HeadMeasures:
    """The measures for one corpus, on a few of its held-out sentences.

    Sense cues and clauses are measured where the corpus knows of them.
    """

    def __init__(self, corpus: Corpus, sentences: int = SENTENCES):
        self.split = "held_out" if corpus.held_out else "train"
        self.token_ids = trimmed(corpus.token_ids(self.split)[:sentences])  # (B, T)
        B, T = self.token_ids.shape
        self.wanted: dict[str, np.ndarray] = {}  # (B, T, T) each
        cues = cue_places(corpus, self.split, sense_cues(corpus))[:B, :T, :T]
        clauses = np.zeros((B, T, T), bool)
        for row, words in enumerate(getattr(corpus, self.split)[:B]):
            own = own_clause(words, corpus.joins)
            if own is not None:
                clauses[row, : len(words), : len(words)] = own
        for name, places in (("sense cue", cues), ("own clause", clauses)):
            if places.any():
                self.wanted[name] = places

    def scores(self, model: Transformer) -> HeadScores | None:
        """What each head does; None for a model whose numbers are no longer numbers."""
        _, trace = model.forward(self.token_ids, ANYWHERE)
        attention = attention_of(trace.stack)
        weights, seen = attention.weights, attention.seen
        found = head_scores(attention, self.token_ids)
        for name, places in self.wanted.items():
            found[name] = share_on(weights, places, seen)
        evenness = attention_entropy(weights, seen)
        if evenness is None or not np.isfinite(evenness).all():
            return None
        shares = {name: share for name, share in found.items() if share is not None}
        return HeadScores(shares, evenness)


def asked_of(corpus: Corpus) -> Batch:
    """The questions that a cost is measured with: held-out ones, if there are any."""
    batch = MaskedWords(corpus).held_out()
    if batch is not None:
        return batch
    token_ids = corpus.token_ids("train")[:ASKED]
    return hide(token_ids, random_positions(np.random.default_rng(0), token_ids))


def parts_of(batch: Batch, sentences: int = SENTENCES_A_PIECE) -> list[Batch]:
    """A batch that asks once a sentence, in smaller ones."""
    parts = []
    for first in range(0, len(batch.targets), sentences):
        part = slice(first, first + sentences)
        token_ids, targets = batch.token_ids[part], batch.targets[part]
        places = np.arange(len(targets)), batch.places[1][part]
        parts.append(Batch(token_ids, places, targets))
    return parts


class Costing:
    """The loss of one model without some heads, in short pieces.

    `params` is a copy, so that the run may go on meanwhile. `keeps` are (L, H) arrays,
    0 for a head that is out; `losses` fills up in their order.
    """

    def __init__(
        self, step: int, params: np.ndarray, keeps: list[np.ndarray], parts: list[Batch]
    ):
        self.step = step
        self.params = params.copy()
        self.keeps, self.parts = keeps, parts
        self.losses: list[float] = []
        self.pieces_done = 0
        self._total = 0.0  # of the one that is measured now

    @property
    def progress(self) -> float:
        """The share that is done."""
        return self.pieces_done / (len(self.keeps) * len(self.parts))

    @property
    def done(self) -> bool:
        """Whether all losses are there."""
        return len(self.losses) == len(self.keeps)

    def work(self, model: Transformer) -> None:
        """One piece, with a model that is nobody else's: its parameters change."""
        keep, part = divmod(self.pieces_done, len(self.parts))
        batch = self.parts[part]
        model.params.buffer[...] = self.params
        loss = loss_without(model, batch, self.keeps[keep])
        self._total += loss * len(batch.targets)
        self.pieces_done += 1
        if part == len(self.parts) - 1:
            count = sum(len(batch.targets) for batch in self.parts)
            self.losses.append(self._total / count)
            self._total = 0.0
