"""`python -m mashq.cli` is the `mashq` command."""

from mashq.cli.app import main

if __name__ == "__main__":
    main()
