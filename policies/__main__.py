#!/usr/bin/env python3
"""The policy pack, as `pulumi up --policy-pack` starts it: the directory, or this file by itself."""

import sys
from pathlib import Path

# Started as a file, the pack isn't installed by anybody: its rules lie beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from lakeplane_policies.pack import serve

serve()
