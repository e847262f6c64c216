"""Every code of the room stands in its README, and every code there is used."""

from __future__ import annotations

import re
from pathlib import Path

ROOM = Path(__file__).parents[2] / "infra" / "lakeplane"
CODE = re.compile(r"\b(?:RCH|PRF|BTS|RNR)\d{3}\b")


def test_readme_explains_every_code() -> None:
    sources = [path for room in ("azure", "cli", "image") for path in (ROOM / room).rglob("*.py")]
    used = {code for path in sources for code in CODE.findall(path.read_text(encoding="utf-8"))}
    assert len(used) >= 25
    assert set(CODE.findall((ROOM / "azure" / "README.md").read_text(encoding="utf-8"))) == used
