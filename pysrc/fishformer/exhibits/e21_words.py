"""What E21 says of pairs and of times."""

from fishformer.exhibits.exhibit import Piece
from fishformer.lessons.cost import pairs, work_of_layer
from fishformer.lessons.counting import GPT_3

SHORT, LONG = 64, 1024  # the lengths of the erratum
FITTED_FROM = 128  # words: below, what every call costs anyway hides the rest


def share_said(n_words: int, d_model: int, d_ff: int) -> str:
    """The share of the pairs in a layer's work, here and in GPT-3."""
    work = work_of_layer(n_words, d_model, d_ff)
    large = work_of_layer(n_words, GPT_3.d_model, GPT_3.d_ff)
    return f"{work.pairs / sum(work):.0%}, and {large.pairs / sum(large):.0%}"


def counted_said(n_words: int, heads: int) -> list[Piece]:
    """How many pairs there are, in a head and in all of this page's model."""
    n, count = n_words, pairs(n_words)
    return [
        ("Every one of ", ""), (f"{n:,}", "num"), (" words looks at all ", ""),
        (f"{n:,}", "num"), (": ", ""), (f"{count:,}", "num"),
        (" pairs in each head, ", ""), (f"{heads * count:,}", "num"),
        (f" in the {heads} heads of this page’s model.", ""),
    ]  # fmt: skip


def verdict_said(
    exponents: tuple[float, float], seconds: tuple[float, float]
) -> list[Piece]:
    """What the measurement says of attention and of the Elman network.

    It may differ from machine to machine; the seconds are for LONG words.
    """
    slower = "attention" if seconds[0] > seconds[1] else "the Elman network"
    return [
        (f"From {FITTED_FROM} words on the time grows as n to the power of ", ""),
        (f"{exponents[0]:.2f}", "num"), (" for attention, ", ""),
        (f"{exponents[1]:.2f}", "num"), (" for the Elman network. At ", ""),
        (f"{LONG:,}", "num"), (f" words {slower} takes ", ""),
        (f"{max(seconds) / min(seconds):.1f}", "num"),
        (" times as long as the other: one processor has to do all pairs itself, "
         "and gets nothing for their being independent.", ""),
    ]  # fmt: skip


def answer_said(ratio: float | None) -> str:
    """What a sentence of LONG words costs against one of SHORT, if it is measured."""
    here = "Measure it below to see what that is in time."
    if ratio is not None:
        here = f"Measured here, it takes {ratio:,.0f} times as long."
    return (
        f"{LONG // SHORT} times the words are {pairs(LONG) // pairs(SHORT):,} times "
        f"the pairs: {pairs(SHORT):,} become {pairs(LONG):,}. {here}"
    )


def erratum_said(ratio: float | None) -> str:
    """The same beside what an article says of it."""
    says = f"There are {pairs(LONG) // pairs(SHORT)} times as many pairs to compare"
    if ratio is None:
        return f"{says}."
    return f"{says}, and in this browser it takes {ratio:,.0f} times as long."


def finding(attention: float | None, elman: float | None) -> str:
    """How many times as long LONG words take as SHORT ones."""
    if attention is None or elman is None:
        return (
            f"Pairs grow with the square of the length: {pairs(512):,} at 512 words, "
            f"{pairs(32_768):,} at 32,768. Double the length, and there are four times "
            "as many."
        )
    times = LONG // SHORT
    return (
        f"{times} times the words, {LONG:,} and not {SHORT}, take attention "
        f"{attention:,.0f} times as long in this browser, the Elman network "
        f"{elman:,.0f} times; they are {pairs(LONG) // pairs(SHORT)} times as many "
        f"pairs and {times} times as many steps."
    )


def milliseconds(seconds: float) -> str:
    """A mark of the axis."""
    ms = seconds * 1000
    return f"{ms:,.0f} ms" if ms >= 1 else f"{ms:g} ms"


def in_ms(seconds: float | None) -> str:
    """A time in a table of milliseconds."""
    if seconds is None:
        return "–"
    ms = seconds * 1000
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.1f}" if ms >= 1 else f"{ms:.3f}"


def in_bytes(count: int) -> str:
    """A size as one says it: 4 kB, 16.8 MB, 4.4 TB."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= unit:
            value = count / unit
            return f"{value:,.0f} {name}" if value >= 100 else f"{value:.1f} {name}"
    return f"{count} bytes"
