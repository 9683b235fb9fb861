"""What other settings would do: numbers to learn, and the time of a step."""

from typing import NamedTuple

from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.lessons.cost import work_of_layer
from fishformer.lessons.counting import shape_of, total

# Measured with numpy in WebAssembly, as so many multiplications: what the calls of one
# layer cost however little there is to do, and the update of one parameter by Adam.
CALLS_OF_LAYER = 400_000
UPDATE = 6


class Forecast(NamedTuple):
    """What a model of some settings takes."""

    parameters: int
    work: float  # of a step, in multiplications; only its ratio to another one means

    def seconds(self, measured: float, of: "Forecast") -> float:
        """An estimate of a step's time, from one measured with other settings."""
        return measured * self.work / of.work


def forecast(config: Config, corpus: Corpus) -> Forecast:
    """Counted, not measured: nothing is made and nothing runs."""
    B, D, V = config.batch_size, config.d_model, len(corpus.tokenizer)
    T = corpus.report.n_words / max(corpus.report.n_sentences, 1)
    parameters = total(shape_of(config, V, corpus.max_len))
    d_ff = config.d_ff if config.feed_forward else 0
    layer = sum(work_of_layer(round(T), D, d_ff))
    # In the last layer only the hidden word goes on, but where norms come first.
    layers = config.n_layers - (0.7 if config.norm != "pre" else 0)
    passes = 3 * (B * (layers * layer + D * V))  # forward once, backward twice
    if config.dtype == "float64":
        passes *= 1.17
    work = passes + config.n_layers * CALLS_OF_LAYER + UPDATE * parameters
    return Forecast(parameters, work)
