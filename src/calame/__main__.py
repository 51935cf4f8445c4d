"""`python -m calame`, for where the `calame` script is not on the path."""

import sys

from calame.cli import main

sys.exit(main())
