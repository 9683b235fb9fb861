"""WebDriver's code points of keys that have a name."""

CODES = {
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
    "Control": "\ue009",
    "End": "\ue010",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Home": "\ue011",
}


def strokes(keys: str) -> list[str]:
    """The keys of "Control+f", as WebDriver names them."""
    return [CODES.get(key, key) for key in keys.split("+")]
