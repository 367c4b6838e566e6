"""python -m tests.museum --release 0.2: puts the conversations of the present code into the museum, once."""

from __future__ import annotations

import argparse
import sys

from tests.museum import exhibits


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.museum", description="Puts a release into the museum.")
    parser.add_argument("--release", required=True, help="the version in pyproject.toml, without a last .0")
    release = parser.parse_args(arguments).release
    if release != exhibits.version():
        parser.error(f"pyproject.toml is at {exhibits.version()}; what is released as {release} is other code")
    if release in exhibits.releases():
        parser.error(f"{release} is in the museum already; what was released doesn't change")
    sys.stdout.write(f"{exhibits.write(release)} conversations of {release}\n")


if __name__ == "__main__":
    main()
