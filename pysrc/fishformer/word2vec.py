"""word2vec: one vector a word, learned from nothing but which words stand nearby.

Skip-gram with negative sampling: a word's vector should agree with those of the words
beside it, and disagree with those of words drawn at random. Every word has two
vectors, one as the centre and one as the company of others; the first is kept.
Source: Mikolov, Sutskever, Chen, Corrado and Dean 2013, sections 2 and 2.2.

Shapes: B pairs of a centre and a neighbour, K negatives for each, D dim, V vocab_size.
"""

from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

import numpy as np

from fishformer.config import setting, validate
from fishformer.corpus import Corpus
from fishformer.layers import embedding_backward
from fishformer.optim import Adam
from fishformer.params import Params
from fishformer.tokenizer import PAD, SPECIALS

FLATTER = 0.75  # the power that lets rare words be drawn more often than they stand


@dataclass(frozen=True)
class Word2VecConfig:
    """The settings of a run. Raises ConfigError with the name, value and bound."""

    seed: int = setting(7, "seed", "Seed of all randomness", 0, 2**32 - 1)
    dim: int = setting(16, "dim", "Numbers a word", 2, 256)
    window: int = setting(5, "window", "Words to either side that count", 1, 32)
    negatives: int = setting(5, "negatives", "Random words for a true one", 1, 20)
    batch_size: int = setting(256, "batch", "Pairs of words a step", 1, 4096)
    lr: float = setting(1e-2, "lr", "Learning rate", 1e-6, 1.0)
    dtype: str = setting(
        "float32", "dtype", "Number format", choices=("float32", "float64")
    )

    def __post_init__(self):
        validate(self)


# ---- the model -------------------------------------------------------------------


class SkipGramCache(NamedTuple):
    """Every intermediate of one pass."""

    centres: np.ndarray  # (B,)
    others: np.ndarray  # (B, 1 + K) the true neighbour, then the negatives
    v: np.ndarray  # (B, D) vectors of the centres
    u: np.ndarray  # (B, 1 + K, D) vectors of the others, as company
    surprises: np.ndarray  # (B, 1 + K) -log p of "true" in column 0, of "not" elsewhere


def skip_gram_forward(
    centres: np.ndarray, others: np.ndarray, vectors: np.ndarray, company: np.ndarray
) -> tuple[float, SkipGramCache]:
    """Mean over the pairs of -log s(v u_0) - sum log s(-v u_k), s(x) = 1 / (1 + e^-x).

    (B,), (B, 1 + K), (V, D), (V, D) -> loss in nats, cache.
    """
    v, u = vectors[centres], company[others]
    scores = (u @ v[:, :, None])[:, :, 0]  # (B, 1 + K)
    scores[:, 0] *= -1
    surprises = np.logaddexp(0, scores)  # -log s(-x) = log(1 + e^x)
    loss = float(surprises.sum() / len(centres))
    return loss, SkipGramCache(centres, others, v, u, surprises)


def skip_gram_backward(
    cache: SkipGramCache, dvectors: np.ndarray, dcompany: np.ndarray
) -> None:
    """Undo skip_gram_forward: add the gradients of both tables' rows."""
    centres, others, v, u, surprises = cache
    # surprise = log(1 + e^score): its slope is s(score) = 1 - e^-surprise
    dscores = -np.expm1(-surprises) / len(centres)
    dscores[:, 0] *= -1
    # score = v u
    dv = (dscores[:, None, :] @ u)[:, 0]
    du = dscores[:, :, None] * v[:, None, :]
    embedding_backward(dv[None], centres[None], dvectors, None)
    embedding_backward(du, others, dcompany, None)


# ---- training --------------------------------------------------------------------


def neighbours(token_ids: np.ndarray, window: int) -> np.ndarray:
    """Every word with every word up to `window` places away: (N, T) -> (pairs, 2)."""
    pairs = []
    for distance in range(1, min(window, token_ids.shape[1] - 1) + 1):
        left, right = token_ids[:, :-distance], token_ids[:, distance:]
        both = np.stack([left, right], axis=-1)[right != PAD]
        pairs += [both, both[:, ::-1]]
    return np.concatenate(pairs)


class Word2VecReport(NamedTuple):
    """What is known at one step."""

    step: int
    loss: float  # of this step's batch, nats; (1 + K) log 2 is knowing nothing


class Word2Vec:
    """One run, moved on step by step; it stands at a step as a Trainer does."""

    report: Word2VecReport

    def __init__(self, config: Word2VecConfig, corpus: Corpus):
        self.config = config
        self.tokenizer = corpus.tokenizer
        self.rng = np.random.default_rng(config.seed)
        token_ids = corpus.token_ids("train")
        self._pairs = neighbours(token_ids, config.window)
        V, D = len(self.tokenizer), config.dim
        counts = np.bincount(token_ids[token_ids != PAD], minlength=V)
        self._shares_below = np.cumsum(counts**FLATTER / (counts**FLATTER).sum())
        self.params = Params({"vectors": (V, D), "company": (V, D)}, config.dtype)
        self.grads = self.params.zeros_like()
        # As in Mikolov's own code: short vectors, and no company yet.
        self.vectors[...] = (self.rng.random((V, D)) - 0.5) / D
        self.adam = Adam(self.params.buffer)
        self._stand_at(0)

    @property
    def vectors(self) -> np.ndarray:
        """The vector of every word, (V, D); rows of specials mean nothing."""
        return self.params["vectors"]

    def update(self) -> Word2VecReport:
        """Make one update and report the step after it."""
        step = self.report.step + 1
        self.adam.update(self.params.buffer, self.grads.buffer, self.config.lr, step)
        return self._stand_at(step)

    def nearest(self, word: str, n: int = 5) -> list[tuple[str, float]]:
        """The n words whose vectors point most nearly its way: [(word, cosine)].

        Raises UnknownWordError.
        """
        (token_id,) = self.tokenizer.encode([word])
        vectors = self.vectors / np.linalg.norm(self.vectors, axis=1, keepdims=True)
        cosines = vectors @ vectors[token_id]
        cosines[[*range(len(SPECIALS)), token_id]] = -np.inf
        best = np.argsort(-cosines, kind="stable")[:n]
        return [
            (self.tokenizer.words[k], float(cosines[k]))
            for k in best
            if isfinite(cosines[k])
        ]

    def _draw(self) -> tuple[np.ndarray, np.ndarray]:
        """Random pairs and random negatives: (B,), (B, 1 + K)."""
        B, K = self.config.batch_size, self.config.negatives
        pairs = self._pairs[self.rng.integers(len(self._pairs), size=B)]
        negatives = np.searchsorted(self._shares_below, self.rng.random((B, K)))
        return pairs[:, 0], np.concatenate([pairs[:, 1:], negatives], axis=1)

    def _stand_at(self, step: int) -> Word2VecReport:
        """Draw the batch of this step; its loss and gradient; the report."""
        vectors, company = self.params["vectors"], self.params["company"]
        loss, cache = skip_gram_forward(*self._draw(), vectors, company)
        self.grads.buffer[...] = 0
        skip_gram_backward(cache, self.grads["vectors"], self.grads["company"])
        self.report = Word2VecReport(step, loss)
        return self.report
