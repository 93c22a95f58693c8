"""Run the compiler's command line: `python -m wxspec`."""

import sys

from wxspec.entry import main

if __name__ == "__main__":
    sys.exit(main())
