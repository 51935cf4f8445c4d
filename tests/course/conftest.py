"""The course's modules lie in its own folder, as they lie beside a notebook."""

import sys
from pathlib import Path

COURSE = Path(__file__).parent.parent.parent / "course"
sys.path.insert(0, str(COURSE))
