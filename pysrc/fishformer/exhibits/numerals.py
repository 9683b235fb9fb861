"""Numbers as one reads them: true minus signs, powers of ten."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def signed(value: float, digits: int = 2) -> str:
    """A number with a true minus, and none before a zero."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def gain(value: float) -> str:
    """A change to two places, always with its sign."""
    return f"{value:+.2f}".replace("-", "−")


def power(value: float) -> str:
    """A number with a power of ten, such as 4.9 × 10⁻⁸, that no line break splits."""
    if not value:
        return "0"
    digits, _, exponent = f"{value:.1e}".partition("e")
    return (
        f"{digits}\u00a0×\u00a010{str(int(exponent)).translate(SUPERSCRIPTS)}".replace(
            "-", "−"
        )
    )


def times(ratio: float) -> str:
    """How many times as much: 1.0312, 41.2, 2.4 × 10⁵."""
    if 0.01 <= ratio < 10:
        return f"{ratio:.4f}"
    if 10 <= ratio < 10_000:
        return f"{ratio:,.1f}"
    return power(ratio)
