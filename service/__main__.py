"""``python -m service`` is ``ml-api``."""

from service.cli import main

main()
