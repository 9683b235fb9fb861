"""What does "it" mean? A model that is asked, and where its "it" looks.

The sentences are those of datasets.load_it: "the trophy did not fit in the bag because
it was too big". Asked at "it", the model answers with one of the two things; only the
last word tells which.

Shapes: N sentences, T words, L layers, H heads.
"""

from collections.abc import Iterator

import numpy as np

from fishformer.config import Config
from fishformer.lessons.runs import Run
from fishformer.model import Model, Transformer
from fishformer.softmax import softmax_forward
from fishformer.tasks import Questions, padded

THING, PLACE, IT, SIZE = 1, 7, 9, 12  # positions in a sentence
STEPS = 300  # of a run, and more each time it is prolonged
LOOK_EVERY = 10  # steps between two looks at the held-out sentences
SENTENCES_A_PIECE = 46  # of a look, so that it is done in short pieces


def looks_of_it(model: Transformer, token_ids: np.ndarray) -> np.ndarray:
    """How "it" divides its attention over the words: (N, T) ids -> (L, H, N, T)."""
    _, trace = model.forward(token_ids, (np.array([0]), np.array([IT])))
    rows = [block.attention.attn_weights[:, :, IT] for block in trace.blocks]
    return np.stack(rows).swapaxes(1, 2)


def thing_to_place(looks: np.ndarray) -> np.ndarray:
    """The logarithm of how much more "it" looks at the thing than at the place.

    (..., T) -> (...). It is the difference of two scores, q · (k of the thing - k of
    the place) / sqrt(Dh): the total that softmax divides by has cancelled out. So in
    layer 1, where "it" and the two have read nothing yet, no other word can change it.
    """
    return np.log(looks[..., THING].astype(np.float64) / looks[..., PLACE])


def answers(model: Transformer, token_ids: np.ndarray) -> np.ndarray:
    """What the model says that "it" is: (N, T) ids -> probabilities (N, V)."""
    places = np.arange(len(token_ids)), np.full(len(token_ids), IT)
    logits, _ = model.forward(token_ids, places, only_places=True)
    return softmax_forward(logits)


class ItRun(Run):
    """A model that learns the questions, with or without a part.

    `accuracy[k]` is the share of held-out questions that are answered right at step k.
    """

    def __init__(self, config: Config, questions: Questions):
        data = Questions(questions.name, questions.train)
        super().__init__(config, data, STEPS, LOOK_EVERY)
        encode = self.tokenizer.encode
        self.asked = padded([encode(q.words) for q in questions.held_out])
        self.right = np.array(encode(q.answer for q in questions.held_out))
        self.accuracy: dict[int, float] = {}

    def prolong(self) -> None:
        """Let it go on after its end."""
        self.end += STEPS

    def look(self, model: Model, step: int) -> Iterator[None]:
        """How many held-out questions are answered right."""
        assert isinstance(model, Transformer)
        right, count = 0, len(self.asked)
        for first in range(0, count, SENTENCES_A_PIECE):
            part = slice(first, first + SENTENCES_A_PIECE)
            best = answers(model, self.asked[part]).argmax(axis=-1)
            right += int((best == self.right[part]).sum())
            yield
        self.accuracy[step] = right / count
