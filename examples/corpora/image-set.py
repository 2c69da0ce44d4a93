#!/usr/bin/env python3
"""A tree like an image data set: files of log-normal size and random bytes, spread over directories."""

import argparse
import json
import math
import os
import random
import re
import sys
import time

DESCRIPTION = """\
Writes a tree like an image data set below DEST: FILES files of log-normal size (mean MEAN
bytes) and random bytes, none compressible, in DIRECTORIES directories class-000000,
class-000001, ... One seed gives the same names, sizes, bytes and modification times on any
machine.

A second call with the same settings does nothing: DEST.done, beside the tree and not inside
it, marks a complete one. A call that was interrupted carries on: files that already have
their size are kept."""

SIGMA = 0.6  # of the logarithm of a size: nine files in ten lie between 0.31 and 2.2 times the mean
MTIME = 1_600_000_000
UNITS = {"": 1, "b": 1, "kb": 1000, "mb": 1000**2, "kib": 1024, "mib": 1024**2}


def size(text):
    match = re.fullmatch(r"(\d+)\s*([a-zA-Z]*)", text.strip())
    if not match or match.group(2).lower() not in UNITS:
        raise argparse.ArgumentTypeError(f"size is '{text}', expected e.g. 100KB, 64KiB or 5000")
    return int(match.group(1)) * UNITS[match.group(2).lower()]


def natural(text):
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def write(path, content, mtime):
    """Whole or not at all, so that a size that fits means a file that is done."""
    partial = path + ".partial"
    with open(partial, "wb") as out:
        out.write(content)
    os.utime(partial, (mtime, mtime))
    os.rename(partial, path)


def main():
    parser = argparse.ArgumentParser(
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dest", metavar="DEST")
    parser.add_argument("--seed", type=int, default=1, help="default: 1")
    parser.add_argument("--files", type=natural, default=20_000, help="default: 20000")
    parser.add_argument("--directories", type=natural, default=200, help="default: 200")
    parser.add_argument("--mean", type=size, default=size("100KB"), help="mean size; default: 100KB")
    options = parser.parse_args()
    if options.mean == 0:
        parser.error("the mean must be above 0")

    dest = os.path.abspath(options.dest)
    settings = {
        "seed": options.seed,
        "files": options.files,
        "directories": options.directories,
        "mean": options.mean,
    }
    marker = dest + ".done"
    begun = dest + ".settings"
    for record in (marker, begun):
        if os.path.exists(record):
            with open(record, encoding="utf-8") as stream:
                found = json.load(stream)
            if found != settings:
                sys.exit(f"image-set.py: {dest} was begun with {found}, not {settings}; remove it and {record}")
    if os.path.exists(marker):
        print(f"{dest} is complete: {settings}")
        return
    if os.path.exists(dest) and not os.path.exists(begun):
        sys.exit(f"image-set.py: {dest} exists, but was not made by this script, so it is left alone")

    os.makedirs(os.path.dirname(dest), exist_ok=True)
    with open(begun, "w", encoding="utf-8") as stream:
        json.dump(settings, stream)
    for directory in range(options.directories):
        os.makedirs(os.path.join(dest, f"class-{directory:06d}"), exist_ok=True)

    shape = random.Random(options.seed)
    mu = math.log(options.mean) - SIGMA * SIGMA / 2
    # Random bytes of each file are a slice of one pool from a place of its own, after its own number: as
    # incompressible as fresh ones to any codec that sees one file, and made at the disk's speed.
    pool = shape.randbytes(8 << 20)
    start = time.monotonic()
    total = 0
    for number in range(options.files):
        length = max(1, int(shape.lognormvariate(mu, SIGMA)))
        at = shape.randrange(len(pool))
        mtime = MTIME + shape.randrange(100_000_000)
        path = os.path.join(
            dest, f"class-{number % options.directories:06d}", f"image-{number:07d}.jpg"
        )
        total += length
        if os.path.exists(path) and os.path.getsize(path) == length:
            continue
        head = number.to_bytes(8, "little")[: min(8, length)]
        rest = length - len(head)
        content = bytearray(head)
        while rest > 0:
            part = pool[at : at + rest]
            content += part
            rest -= len(part)
            at = 0
        write(path, content, mtime)
    os.rename(begun, marker)
    print(
        f"{dest} holds {options.files} files, {total / 1e6:.0f} MB"
        f" ({time.monotonic() - start:.0f} s)"
    )


if __name__ == "__main__":
    main()
