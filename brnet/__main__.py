"""`python -m brnet` is the command `brnet`."""

from brnet.cli import main

main(prog_name="brnet")
