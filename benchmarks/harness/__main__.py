"""benchmarks/run NAME ..."""

import argparse
import importlib
import os
import sys

from harness.processes import build

NAMES = [
    "cache",
    "dataset",
    "epoch",
    "filesystem",
    "first-byte",
    "fold-local",
    "fold-hdfs",
    "index",
    "latency",
    "limits",
    "listing",
    "memory",
    "open",
    "pending",
    "read",
    "reads",
    "reclaim",
    "report",
    "scale",
    "spark",
    "verify",
]


def main():
    parser = argparse.ArgumentParser(
        prog="benchmarks/run", description="Measures Pleat beside its rivals; see docs/benchmarks.md."
    )
    commands = parser.add_subparsers(dest="name", metavar="NAME", required=True)
    for name in NAMES:
        # What all of them print with is called report.
        module = importlib.import_module("harness." + {"report": "report_page"}.get(name, name.replace("-", "_")))
        command = commands.add_parser(name, help=module.__doc__, description=module.__doc__)
        module.arguments(command)
        command.add_argument(
            "--work",
            default=os.environ.get("TMPDIR", "/tmp"),
            metavar="FOLDER",
            help="where results are written, for a time: a real disk; default: $TMPDIR or /tmp",
        )
        command.add_argument("--no-build", action="store_true", help="use what was built before")
        command.set_defaults(main=module.main)
    options = parser.parse_args()
    if getattr(options, "source", None):
        options.source = os.path.realpath(options.source)
        if not os.path.isdir(options.source):
            parser.error(f"{options.source} is no directory")
    build(options.no_build)
    print("benchmarks/run " + " ".join(sys.argv[1:]))
    options.main(options)


main()
