#!/usr/bin/env python3
"""
Asks a dataset's catalogue with DuckDB and prints what comes out as a pandas table, or as JSON.

    pleat catalog DATASET > now.sql
    namespace.py now.sql largest-directories
    namespace.py now.sql container-of a/b/file.jpg
    namespace.py now.sql changes --before then.sql

The statement that `pleat catalog` prints names the files of exactly one snapshot; kept, it shows that snapshot until it expires.
"""

import argparse
from pathlib import Path

import duckdb

QUERIES = {path.stem: path for path in sorted(Path(__file__).resolve().parent.glob("*.sql"))}


def view(connection, name, statement):
    connection.execute(f"CREATE VIEW {name} AS {Path(statement).read_text(encoding='utf-8')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("statement", help="file with what `pleat catalog` printed")
    parser.add_argument("query", choices=QUERIES)
    parser.add_argument("parameter", nargs="*", help="of the query")
    parser.add_argument("--before", metavar="FILE", help="what it printed of an older snapshot, for changes")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if (options.query == "changes") != (options.before is not None):
        parser.error("--before belongs to changes, and changes needs it")
    with duckdb.connect() as connection:
        view(connection, "files", options.statement)
        if options.before:
            view(connection, "before", options.before)
        table = connection.execute(QUERIES[options.query].read_text(encoding="utf-8"), options.parameter or None).df()
    print(table.to_json(orient="records") if options.json else table.to_string(index=False))


main()
