"""From text to words, and from words to the numbers that stand for them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

PAD, MASK, START, END = 0, 1, 2, 3
SPECIALS = ("[pad]", "[mask]", "[start]", "[end]")

_BLANK = re.compile(r"\[mask\]|__+|(?<!\S)(?:_|…|\.{3,})(?!\S)")
# Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
_SPACELESS = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_JOINERS = dict.fromkeys("'-\u200c\u200d", "j") | dict.fromkeys(".,", "p")
_SAME = str.maketrans({"’": "'", "ʼ": "'", "‐": "-", "‑": "-"})
# Over the kinds of characters: s of a spaceless script, l letter, d digit, m mark,
# j joins letters, p joins digits. A word never starts or ends with a joiner.
_WORD = re.compile("sm*|[ld][ldm]*(?:(?:j|(?<=d)p(?=d))[ld][ldm]*)*")


class UnknownWordError(ValueError):
    """Words that the vocabulary does not have; they are in `words`."""

    def __init__(self, words: Sequence[str]):
        self.words = tuple(words)
        super().__init__("not in the vocabulary: " + ", ".join(self.words))

    @property
    def sentence(self) -> str:
        """The message as a sentence of its own."""
        return f"{str(self).capitalize()}."


def split_sentence(text: str) -> list[str]:
    """The words of a sentence, in lower case.

    A word is a run of letters and digits of any script. Apostrophes and hyphens inside
    it stay ("don't", "well-known"), and so do points and commas inside a number; all
    other punctuation and all symbols are left out. Where a script has no spaces, such
    as Chinese, Japanese or Thai, each character is a word. Two or more underscores, or
    "[mask]", or a "_" or "..." that stands alone, become "[mask]".
    """
    text = unicodedata.normalize("NFC", text.translate(_SAME).lower())
    words: list[str] = []
    start = 0
    for blank in _BLANK.finditer(text):
        words += _words(text[start : blank.start()])
        words.append(SPECIALS[MASK])
        start = blank.end()
    return words + _words(text[start:])


def is_spaceless(word: str) -> bool:
    """Whether a word is one character of a script that has no spaces."""
    return _SPACELESS.match(word) is not None


def _words(text: str) -> list[str]:
    kinds = "".join(map(_kind, text))
    return [text[found.start() : found.end()] for found in _WORD.finditer(kinds)]


def _kind(character: str) -> str:
    """The letter that stands for a character in the pattern of a word."""
    category = unicodedata.category(character)
    if category[0] == "L":
        return "s" if _SPACELESS.match(character) else "l"
    if category[0] == "N":
        return "d"
    return "m" if category[0] == "M" else _JOINERS.get(character, " ")


class Tokenizer:
    """A vocabulary: `words[id]` is a word, the two specials first."""

    def __init__(self, words: Iterable[str]):
        """Words in the order of their ids, without the specials, each once."""
        self.words = (*SPECIALS, *words)
        self._ids = {word: k for k, word in enumerate(self.words)}
        if len(self._ids) < len(self.words):
            raise ValueError("a vocabulary has each word once")

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def encode(self, words: Iterable[str]) -> list[int]:
        """The ids of words. Raises UnknownWordError, naming all that are missing."""
        words = list(words)
        unknown = [word for word in dict.fromkeys(words) if word not in self._ids]
        if unknown:
            raise UnknownWordError(unknown)
        return [self._ids[word] for word in words]

    def decode(self, token_ids: Iterable[int]) -> list[str]:
        """The words of ids in 0 .. V - 1. Raises IndexError for any other."""
        token_ids = [int(k) for k in token_ids]
        if any(not 0 <= k < len(self.words) for k in token_ids):
            raise IndexError(f"ids go from 0 to {len(self.words) - 1}")
        return [self.words[k] for k in token_ids]
