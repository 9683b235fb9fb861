"""Guided edits: a few lines of the model changed, and which tests should see it.

Each names exact pieces of source; that its tests, and no others of those which the page
runs first, fail after the edit is itself tested.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple

QUICK = ("test_essentials.py", "test_golden.py")  # the tests that the page runs first
GOLDEN = "test_golden.py::test_the_first_twenty_losses"


class Challenge(NamedTuple):
    """One edit: in a file, each old piece becomes the new one."""

    key: str
    title: str
    file: str
    pieces: tuple[tuple[str, str], ...]  # (old, new)
    red: tuple[str, ...]  # what fails of the quick tests, test_essentials.py:: left out
    golden: bool = True  # whether the run of an encoder is another one


CHALLENGES = (
    Challenge(
        "residual",
        "Delete the residual",
        "block.py",
        (
            ("    if config.residual:\n        out = x + out\n", ""),
            ("    return dout + dx if config.residual else dx\n", "    return dx\n"),
        ),
        ("test_what_comes_into_a_step_is_added_to_what_it_makes",),
    ),
    Challenge(
        "root",
        "Forget the root of dₖ",
        "attention.py",
        (
            (
                "    if config.scale_scores:\n"
                "        scores /= np.sqrt(config.d_head, dtype=x.dtype)\n",
                "",
            ),
            (
                "    if config.scale_scores:\n"
                "        dscores /= np.sqrt(config.d_head, dtype=x.dtype)\n",
                "",
            ),
        ),
        ("test_scores_are_divided_by_the_root_of_d_k",),
    ),
    Challenge(
        "peek",
        "Let the decoder peek",
        "attention.py",
        (
            (
                "    return np.triu(np.full((length, length), -np.inf, dtype), k=1)\n",
                "    return np.triu(np.full((length, length), -np.inf, dtype), k=2)\n",
            ),
        ),
        (
            "test_no_word_of_a_writer_sees_what_comes_after_it[decoder]",
            "test_no_word_of_a_writer_sees_what_comes_after_it[encoder-decoder]",
        ),
        golden=False,
    ),
    Challenge(
        "positions",
        "Drop the positions",
        "layers.py",
        (
            (
                "    return tok_emb[token_ids] + pos_emb[: token_ids.shape[1]]\n",
                "    return tok_emb[token_ids]\n",
            ),
            (
                "    if dpos_emb is not None:  # None where positions are not learned\n"
                "        dpos_emb[:T] += dx.sum(axis=0)\n",
                "",
            ),
        ),
        (
            "test_with_positions_the_order_of_the_words_matters[learned]",
            "test_with_positions_the_order_of_the_words_matters[sinusoidal]",
        ),
    ),
    Challenge(
        "heads",
        "Give all heads the same weights",
        "attention.py",
        (
            (
                "    attn_weights = softmax_forward(scores)\n",
                "    shared = scores.mean(axis=1, keepdims=True)\n"
                "    attn_weights = softmax_forward(shared.repeat(H, axis=1))\n",
            ),
            (
                "    dscores = softmax_backward(dattn_weights, attn_weights)\n",
                "    dscores = softmax_backward(dattn_weights, attn_weights)\n"
                "    dshared = dscores.mean(axis=1, keepdims=True)\n"
                "    dscores = dshared.repeat(config.n_heads, axis=1)\n",
            ),
        ),
        ("test_each_head_has_numbers_of_its_own",),
    ),
    Challenge(
        "gradient",
        "Break a gradient, and find it",
        "layers.py",
        (
            (
                "    return inv_std * (dnormed - along_mean - along_length)\n",
                "    return inv_std * (dnormed - along_mean)\n",
            ),
        ),
        (
            "test_every_gradient_is_the_slope_of_the_loss[encoder]",
            "test_every_gradient_is_the_slope_of_the_loss[decoder]",
            "test_the_gradient_of_layer_norm",
        ),
    ),
)


def named(key: str) -> Challenge:
    """The challenge of this key. Raises ValueError for another one."""
    for challenge in CHALLENGES:
        if challenge.key == key:
            return challenge
    raise ValueError(f"There is no challenge {key!r}.")


def edited(challenge: Challenge, text: str) -> str:
    """Its file after the edit. Raises ValueError if a piece is not there."""
    for old, new in challenge.pieces:
        if text.count(old) != 1:
            raise ValueError(
                f"{challenge.file} no longer has the line that this changes: "
                f"{old.strip().splitlines()[0]}"
            )
        text = text.replace(old, new)
    return text


def red_tests(challenge: Challenge) -> list[str]:
    """Which of the quick tests fail after it."""
    found = [f"test_essentials.py::{name}" for name in challenge.red]
    return [*found, GOLDEN] if challenge.golden else found


def in_words(test: str) -> str:
    """test_model.py::test_rows_sum_to_1[a b] -> Rows sum to 1 (a b)."""
    name, _, case = test.rpartition("::")[2].partition("[")
    words = name.removeprefix("test_").replace("_", " ")
    end = f" ({case.removesuffix(']')})" if case else ""
    return words[:1].upper() + words[1:] + end


def verdict(test: str, outcome: str, red: Sequence[str]) -> str:
    """What a result is to who expects these tests, and no others, to turn red.

    Only of the quick tests is it known beforehand: others have none.
    """
    if test in red:
        fails = outcome == "failed"
        return "as expected" if fails else f"expected to fail, but {outcome}"
    quick = test.partition("::")[0] in QUICK
    return "not expected" if quick and outcome == "failed" else ""


def reckoning(challenge: Challenge, outcomes: Mapping[str, str]) -> str:
    """The same of all of them, in a sentence. Tests that are not there did not run."""
    red = red_tests(challenge)
    got = [outcomes.get(test, "not run") for test in red]
    parts = [
        f"{got.count(kind)} {words}"
        for kind, words in (
            ("failed", "did"),
            ("passed", "stayed green"),
            ("skipped", "was left out"),
            ("not run", "did not run"),
        )
        if kind in got
    ]
    others = [verdict(*of, red) for of in outcomes.items()].count("not expected")
    more = f"{others} of the quick ones did that should not" if others else "no other"
    count = "1 test" if len(red) == 1 else f"{len(red)} tests"
    return (
        f"“{challenge.title}” should turn {count} of the quick set red: "
        f"{', '.join(parts)}; {more}."
    )


def recognised(original: Mapping[str, str], edits: Mapping[str, str]) -> str | None:
    """The key of the challenge that these edits are, however they were typed."""
    for challenge in CHALLENGES:
        made = edits.get(challenge.file)
        if len(edits) == 1 and made is not None:
            wanted = edited(challenge, original[challenge.file])
            if _same_code(made, wanted):
                return challenge.key
    return None


def _same_code(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but comments and spaces."""
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except SyntaxError:
        return False
