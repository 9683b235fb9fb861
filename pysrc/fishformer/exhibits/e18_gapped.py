"""The sentence with a gap that E18's reader and writer are both asked about."""

from fishformer.completion import GAP, GapError, as_typed, read_gapped
from fishformer.corpus import Corpus, Words
from fishformer.tokenizer import UnknownWordError, split_sentence

EXAMPLES = (
    "the ___ floods its bank while the trout takes the fly",
    "the ___ closes at night and the bass plays a low tune",
    "the bank counts its ___ while the river floods its bank",
    "the old bass never ___ but the singer plays the bass",
)


class Gapped:
    """One of some examples in the words of a corpus, or what a visitor has typed."""

    def __init__(self, corpus: Corpus):
        self.corpus = corpus
        split = [tuple(split_sentence(text)) for text in EXAMPLES]
        self.examples: list[Words] = [
            words for words in split if all(word in corpus.tokenizer for word in words)
        ] or [blanked.words for blanked in corpus.featured]
        self.choose(0)

    def choose(self, place: int) -> None:
        """One of the examples."""
        self.words, self.error = self.examples[place], ""
        self.typed = as_typed(self.words)

    def read(self, text: str) -> None:
        """A sentence that cannot be read leaves the one before it in place."""
        self.typed, self.error = text, ""
        try:
            self.words = read_gapped(text, self.corpus.tokenizer, self.corpus.max_len)
        except UnknownWordError as error:
            self.error = error.sentence
        except GapError as error:
            self.error = str(error)

    @property
    def before(self) -> Words:
        """What the writer has read when it comes to the gap."""
        return self.words[: self.words.index(GAP)]
