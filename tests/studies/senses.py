"""Words of two senses among the fish: in the reader, and in word2vec."""

from collections import Counter
from functools import cache

import numpy as np

from fishformer.corpus import Corpus, load_fish
from fishformer.experiments import sense_vectors
from fishformer.geometry import sense_axis, sense_split
from fishformer.model import Transformer
from fishformer.probes import sense_cues
from fishformer.tokenizer import SPECIALS
from fishformer.word2vec import Word2Vec, Word2VecConfig
from studies import Experiment, Finding, Measured


@cache
def fish() -> Corpus:
    return load_fish()


def senses(model: Transformer, when: str) -> dict[str, float]:
    """Do an ambiguous word's uses lie by sense? On held-out sentences, by layer."""
    corpus = fish()
    counts = Counter((u.word, u.sense) for u in corpus.senses if u.split == "held_out")
    words = sorted({word for word, _ in counts})
    of_word = {w: sense_vectors(model, corpus, w, ("held_out",)) for w in words}
    splits = [sense_split(*of_word[word]) for word in words]
    nearest = np.mean([split.found for split in splits], axis=0)
    apart = np.mean([split.separation for split in splits], axis=0)
    found = {f"{when}, nearest, layer {k}": float(v) for k, v in enumerate(nearest)}
    found |= {f"{when}, separation, layer {k}": float(v) for k, v in enumerate(apart)}
    right = [sides_of(model, corpus, word) for word in words]
    alone = [is_right for _, each in right for is_right in each]
    both = [is_right for pairs, _ in right for is_right in pairs]
    return found | {
        f"{when}, on its side": float(np.mean(alone)),
        f"{when}, both on their sides": float(np.mean(both)),
    }


def sides_of(
    model: Transformer, corpus: Corpus, word: str
) -> tuple[list[bool], list[bool]]:
    """Whether held-out uses lie on their side of an axis from the training sentences.

    For each sentence that has the word in both senses, whether both do; and for each
    use of the word.
    """
    learned = sense_vectors(model, corpus, word, ("train",))
    names = sorted(set(learned.senses))
    axis = sense_axis(learned.vectors[-1], np.array(learned.senses) == names[1])
    tested = sense_vectors(model, corpus, word, ("held_out",))
    sides = axis.along(tested.vectors[-1]) > 0
    right = sides == (np.array(tested.senses) == names[1])
    uses = [u for u in corpus.senses if (u.split, u.word) == ("held_out", word)]
    in_sentence: dict[int, list[bool]] = {}
    for use, is_right in zip(uses, right, strict=True):
        in_sentence.setdefault(use.sentence, []).append(bool(is_right))
    pairs = [all(both) for both in in_sentence.values() if len(both) == 2]
    return pairs, right.tolist()


def static_vectors(seed: int) -> Measured:
    """Where word2vec puts a word of two senses: 0 one sense's cues, 1 the other's."""
    corpus = fish()
    model = Word2Vec(Word2VecConfig(seed=seed), corpus)
    while model.report.step < 1000:
        model.update()
    vectors = model.vectors[len(SPECIALS) :].astype(float)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors -= vectors.mean(axis=0)
    of_word = dict(zip(corpus.tokenizer.words[len(SPECIALS) :], vectors, strict=True))
    cues = sense_cues(corpus)
    ambiguous = {word for word, _ in cues}
    places = []
    for word in sorted(ambiguous):
        one, other = (
            np.mean([of_word[w] for w in cues[key] - ambiguous], axis=0)
            for key in sorted(cues)
            if key[0] == word
        )
        way = other - one
        places.append((of_word[word] - one) @ way / (way @ way))
    between = [0 < place < 1 for place in places]
    return {
        "static vectors": {
            "words between their senses": float(np.mean(between)),
            "mean place from 0 to 1": float(np.mean(places)),
        }
    }


EXPERIMENTS: dict[str, Experiment] = {"static": static_vectors}
FINDINGS = {
    "senses": Finding(
        "E03",
        "A held-out use of an ambiguous word lies nearest to its own sense in "
        "{trained, nearest, layer 1} and {trained, nearest, layer 2} of cases after "
        "layers 1 and 2 (untrained {untrained, nearest, layer 2}), and on its side of "
        "an axis from the training sentences in {trained, on its side} (untrained "
        "{untrained, on its side}). Of two opposite uses in one sentence both are on "
        "their sides in {trained, both on their sides} (untrained "
        "{untrained, both on their sides}, chance .25).",
        "on its side over .75, and everything better than untrained",
        lambda m: (
            m["trained, on its side"].min() > 0.75
            and all(
                (m[f"trained, {what}"] > m[f"untrained, {what}"]).all()
                for what in (
                    "nearest, layer 2",
                    "on its side",
                    "both on their sides",
                )
            )
        ),
        "default, 1,000 steps; layer 2 where no other is named",
        ".73, .84, .90 at layers 0 (with position), 1, 2; both .86, untrained .68",
    ),
    "static vectors": Finding(
        "E02",
        "In word2vec {words between their senses} of the ambiguous words lie between "
        "the cues of their two senses, on average at {mean place from 0 to 1} of the "
        "way.",
        "nine words in ten in every run, all of them in at least half of the runs",
        lambda m: (
            m["words between their senses"].min() > 0.9
            and np.median(m["words between their senses"]) == 1
        ),
        "word2vec, default, 1,000 steps",
        "all pairs, 5 of 5 seeds",
    ),
}
