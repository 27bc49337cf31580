"""`python -m tunelake` is `tunelake`."""

from tunelake.cli.main import main

if __name__ == "__main__":
    main()
