"""Writing: from the scores of the next word to a word, and on to whole sentences.

A writer (a decoder, or a recurrent network) goes on from the first words of a sentence;
an encoder-decoder writes a new one while it reads another. All of it only reads the
model.

Shapes: T words written so far, S words of a source, V vocab_size, N sentences at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fishformer.config import setting, validate
from fishformer.model import Model
from fishformer.softmax import softmax_forward
from fishformer.tasks import trimmed
from fishformer.tokenizer import END, MASK, PAD, SPECIALS, START, Tokenizer

NEVER = [PAD, MASK, START]  # nobody writes these


class WritingError(ValueError):
    """A model cannot go on from these words; the message says why."""


# ---- one word --------------------------------------------------------------------


@dataclass(frozen=True)
class Sampling:
    """How a word is drawn. Raises ConfigError with the name, the value and the bound.

    First the scores are divided by the temperature, then top_k, then top_p leave only
    the likeliest words. The defaults draw from the model's own probabilities.
    Source of top_p: Holtzman et al. 2019, section 3.1.
    """

    temperature: float = setting(
        1.0, "temperature", "Temperature; 0 takes the likeliest", 0, 10
    )
    top_k: int = setting(10_000, "top_k", "Only the k likeliest words", 1, 10_000)
    top_p: float = setting(
        1.0, "top_p", "Only the likeliest words that together reach p", 1e-6, 1
    )

    def __post_init__(self):
        validate(self)


AS_IT_IS, GREEDY = Sampling(), Sampling(temperature=0)


def distribution(logits: np.ndarray, sampling: Sampling) -> np.ndarray:
    """The probabilities from which a word is drawn: (V,) -> (V,), float64.

    PAD, MASK and START have none. Of equally likely words the first counts as likelier.
    """
    scores = logits.astype(np.float64)
    scores[NEVER] = -np.inf
    best_first = np.argsort(-scores, kind="stable")
    if sampling.temperature == 0:
        return (np.arange(len(scores)) == best_first[0]).astype(np.float64)
    with np.errstate(over="ignore"):  # a tiny temperature: what is worse gets nothing
        probs = softmax_forward((scores - scores.max()) / sampling.temperature)
    probs[best_first[sampling.top_k :]] = 0
    if sampling.top_p < 1:
        reached = np.cumsum(probs[best_first]) / probs.sum()
        n = np.searchsorted(reached, sampling.top_p) + 1  # the fewest that reach it
        probs[best_first[n:]] = 0
    return probs / probs.sum()


def choose(
    logits: np.ndarray, rng: np.random.Generator, sampling: Sampling = AS_IT_IS
) -> tuple[int, np.ndarray]:
    """Draw a word from its scores (V,): its id and the probs (V,) it was drawn from."""
    probs = distribution(logits, sampling)
    return int(rng.choice(len(probs), p=probs)), probs


# ---- one sentence ----------------------------------------------------------------


class Written(NamedTuple):
    """One word, as it was written."""

    token_id: int
    word: str  # "[end]" for the end of the sentence
    probs: np.ndarray  # (V,) what it was drawn from
    trace: Any  # the pass that it came from, over all words so far


def write(
    model: Model,
    tokenizer: Tokenizer,
    start_words: Sequence[str],
    rng: np.random.Generator,
    sampling: Sampling = AS_IT_IS,
    source_words: Sequence[str] | None = None,
) -> Iterator[Written]:
    """Go on from start_words, a word at a time, to the end or as far as places go.

    An encoder-decoder reads source_words and may write its sentence from nothing.
    Raises WritingError, or UnknownWordError, which names the words.
    """
    token_ids = [START, *encoded(tokenizer, start_words)]
    if len(token_ids) > model.max_len:
        raise WritingError(
            f"These are {len(start_words)} words already; "
            f"the model has places for {model.max_len - 1}."
        )
    source_ids = None
    if source_words is not None:
        source_ids = np.array([encoded(tokenizer, source_words)])
        if not 1 <= source_ids.size < model.max_len:
            raise WritingError(
                f"A sentence to rewrite has 1 to {model.max_len - 1} words; "
                f"this one has {source_ids.size}."
            )
    return _written(model, tokenizer, token_ids, source_ids, rng, sampling)


def encoded(tokenizer: Tokenizer, words: Sequence[str]) -> list[int]:
    """The ids of words without a gap. Raises WritingError, or UnknownWordError."""
    token_ids = tokenizer.encode(words)
    if any(k < len(SPECIALS) for k in token_ids):
        raise WritingError("There is a gap among these words: leave out the ___.")
    return token_ids


def _written(
    model: Model,
    tokenizer: Tokenizer,
    token_ids: list[int],
    source_ids: np.ndarray | None,
    rng: np.random.Generator,
    sampling: Sampling,
) -> Iterator[Written]:
    while len(token_ids) <= model.max_len and token_ids[-1] != END:
        last = (np.array([0]), np.array([len(token_ids) - 1]))
        logits, trace = model.forward(np.array([token_ids]), last, source_ids)
        token_id, probs = choose(logits[0], rng, sampling)
        token_ids.append(token_id)
        yield Written(token_id, tokenizer.words[token_id], probs, trace)


# ---- rewriting -------------------------------------------------------------------


class Rewritten(NamedTuple):
    """A sentence that an encoder-decoder wrote while it read another."""

    words: tuple[str, ...]  # T - 1 words, or T where it came to no end
    probs: np.ndarray  # (T, V) what each word, and the end, was drawn from
    attn_weights: np.ndarray  # (L, H, T, S) where it looked for each of them
    trace: Any  # the last pass, over all the words


def translate(
    model: Model,
    tokenizer: Tokenizer,
    source_words: Sequence[str],
    rng: np.random.Generator | None = None,
    sampling: Sampling = GREEDY,
) -> Rewritten:
    """What an encoder-decoder makes of a sentence; each time the likeliest word.

    With other sampling, an rng draws. Raises as `write` does.
    """
    rng = rng or np.random.default_rng(0)
    steps = list(write(model, tokenizer, (), rng, sampling, source_words))
    trace = steps[-1].trace  # no word changes what was seen before it: all rows stand
    looks = [block.cross.attn_weights[0] for block in trace.blocks]
    words = tuple(step.word for step in steps if step.token_id != END)
    return Rewritten(words, np.array([s.probs for s in steps]), np.array(looks), trace)


def rewrite_all(
    model: Model, source_ids: np.ndarray, max_len: int | None = None
) -> np.ndarray:
    """Many sentences at once, each time the likeliest word: (N, S) -> ids (N, T).

    PAD after each sentence's end, as in `padded`; at most max_len words, by default as
    many as the model has places for.
    """
    N = len(source_ids)
    most = max_len or model.max_len
    token_ids = np.full((N, 1 + most), PAD)
    token_ids[:, 0] = START
    going_on = np.full(N, True)
    for length in range(1, 1 + most):
        last = (np.arange(N), np.full(N, length - 1))
        logits, _ = model.forward(
            token_ids[:, :length], last, source_ids, only_places=True
        )
        logits[:, NEVER] = -np.inf
        best = logits.argmax(axis=1)
        going_on &= best != END
        if not going_on.any():
            break
        token_ids[going_on, length] = best[going_on]
    return trimmed(token_ids[:, 1:])
