"""Where the host's modules and the fixtures lie; importing this makes the modules importable."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "test" / "fixtures"
BUNDLED = ROOT / "datasets" / "bundled"

sys.path.insert(0, str(ROOT / "adapters" / "python-host"))
