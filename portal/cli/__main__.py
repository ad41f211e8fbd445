"""`python -m portal.cli`: the commands as the supervisor starts its children."""

from portal.cli import main

main()
