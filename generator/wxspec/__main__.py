"""Run the compiler's command line: `python -m wxspec`."""

import sys

from wxspec.cli import main

if __name__ == "__main__":
    sys.exit(main())
