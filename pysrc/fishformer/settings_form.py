"""The form of all settings, made from what stands beside each of them in Config."""

from dataclasses import Field, fields
from html import escape
from typing import Any

from fishformer.config import Config, allowed, written

SLIDES = 32  # whole numbers with at most so many values are chosen with a slider


def shown() -> list[Field]:
    """The settings that the page shows, in their order."""
    return [f for f in fields(Config) if f.metadata["group"]]


def settings_form(group: str) -> str:
    """The controls of one group, at their defaults, as HTML.

    Each becomes the event of its key in the exhibit "setup". Raises KeyError for a
    group that there is not.
    """
    controls = [_setting(f) for f in shown() if f.metadata["group"] == group]
    if not controls:
        raise KeyError(group)
    return "\n".join(controls)


def _setting(f: Field) -> str:
    about, key = f.metadata, escape(f.metadata["key"])
    place, label = f"setup.{key}", escape(about["label"])
    does = f"{about['does']} {_limits(f)}".strip()
    told = f'id="{place}" data-do="{place}" aria-describedby="{place}-does" disabled'
    named = f'<label for="{place}">{label}</label> <code>{key}</code>'
    if f.type is bool:
        head = (
            f'<span class="check"><input type="checkbox" {told} checked>{named}</span>'
        )
    else:
        head = f"<div>{named}</div>{_control(f, told)}"
    return (
        f'<div class="setting" data-setting="{key}">{head}'
        f'<p class="does" id="{place}-does">{escape(does)} '
        f'<span class="was" data-text="setup.was.{key}"></span></p>'
        f'<p class="error" role="status" data-text="setup.error.{key}"></p></div>'
    )


def _control(f: Field, told: str) -> str:
    about, value = f.metadata, escape(written(f.default))
    if about["choices"]:
        options = "".join(
            f"<option{' selected' if choice == f.default else ''}>{escape(choice)}"
            "</option>"
            for choice in about["choices"]
        )
        return f"<select {told}>{options}</select>"
    if f.type is int and about["high"] - about["low"] < SLIDES:
        bounds = f'min="{about["low"]}" max="{about["high"]}" step="1"'
        return (
            f'<span class="slide"><input type="range" {bounds} value="{value}" {told}>'
            f'<output data-text="setup.value.{about["key"]}">{value}</output></span>'
        )
    mode = "numeric" if f.type is int else "decimal"
    rest = 'autocomplete="off" spellcheck="false"'
    return f'<input type="text" inputmode="{mode}" value="{value}" {rest} {told}>'


def _limits(f: Field) -> str:
    """What is allowed, where the control does not show it."""
    if f.type is bool or f.metadata["choices"]:
        return ""
    words = allowed(f)
    return f"{words[0].upper()}{words[1:]}."


def parse(key: str, value: Any) -> str:
    """What a control says, as a link would have it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).strip()
