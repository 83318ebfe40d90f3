"""Pictures of a graded notebook: pasted into a text, or attached to its cell.

Colab pastes a photograph into the text of a cell, as letters. The library that sets Markdown reads each of
them, a second or two for a photograph, and again in every page. Attached, it costs nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import nbformat

from mashq.grading.notebook.markup import PICTURES

MANY = 500  # pictures that a cell has attached; what is more stays where it is
PASTED = re.compile(r"(!\[[^\[\]\n]{0,300}\]\()data:(image/[a-z+]+);base64,([A-Za-z0-9+/=]+)\)")


def kept_attachments(attachments: Mapping[str, Mapping[str, str]]) -> Any:
    """The attached pictures, {name: {type: base64}}, without what is no picture."""
    kept = {
        name: {kind: data for kind, data in bundle.items() if kind in PICTURES and is_base64(data)}
        for name, bundle in attachments.items()
    }
    return nbformat.from_dict({name: bundle for name, bundle in kept.items() if bundle})


def attach_pasted(source: str, attachments: dict[str, Any]) -> str:
    """A Markdown text whose pasted pictures are attachments of its cell, to which they are added."""

    def attached(picture: re.Match[str]) -> str:
        before, kind, data = picture.groups()
        if kind not in PICTURES or len(attachments) >= MANY or not is_base64(data):
            return picture[0]
        number = len(attachments) + 1
        while (name := f"pasted-{number}.{kind.removeprefix('image/').partition('+')[0]}") in attachments:
            number += 1
        attachments[name] = {kind: data}
        return f"{before}attachment:{name})"

    return PASTED.sub(attached, source) if ";base64," in source else source


def is_base64(data: Any) -> bool:
    """Whether data of a notebook are bytes in base64, on one line or several."""
    try:
        return bool(base64.b64decode("".join(data.split()), validate=True))
    except (AttributeError, ValueError, binascii.Error):
        return False
