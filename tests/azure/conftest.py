"""Makes the servers of this room, and the oracle of another one, importable by its tests."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "registration")]
