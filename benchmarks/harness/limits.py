"""What bounds the index block: waits for memory, paths that were made to collide, inflation of sections."""

import json
from pathlib import Path

from harness import report
from harness.processes import java, run

SECTIONS = {"1": "entries", "2": "directories", "3": "attributes", "4": "dictionary", "5": "long paths"}


def arguments(parser):
    parser.add_argument("--entries", type=int, default=1_000_000, help="of an index block; default: 1000000")
    parser.add_argument("--colliding", type=int, default=100_000, help="of them paths of one hash; default: 100000")
    parser.add_argument("--rounds", type=int, default=5, help="of which the quickest counts; default: 5")
    parser.add_argument("--huge-pages", action="store_true", help="let the C library ask for huge pages, where the kernel gives them to who asks")
    parser.add_argument("--json", metavar="FILE", help="all figures as JSON")


def main(options):
    print(report.machine(Path(options.work)))
    print(f"load {report.load()}", flush=True)
    command = java(
        "index.BlockLimits", options.entries, options.colliding, options.rounds, options=("-Xbatch", "-Xmx2g", "-XX:MaxDirectMemorySize=3g")
    )
    if options.huge_pages:
        command = ["env", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1", *command]
    results = json.loads(run(command).stdout.strip().splitlines()[-1])
    results["load"] = report.load()
    print("CPU time, quickest of the rounds. Waits for a random cache line that names the next; for three such at once:")
    for size, (one, three) in results["memory"].items():
        print(f"  {size:>5} MiB {one:8.1f} ns {three:8.1f} ns")
    print("Sections of a block inflated, one core, decoded bytes:")
    for kind, rate in results["inflated"].items():
        print(f"  {SECTIONS.get(kind, kind):12} {rate / 1e9:6.2f} GB/s")
    nanos = results["nanos"]
    print(f"A lookup in a block of {options.entries:,} entries, and in one of which {options.colliding:,} have paths of one hash:")
    rows = (
        ("present, no colliding paths in the block", "ordinary"),
        ("present, beside colliding ones", "ordinaryBesideColliding"),
        ("absent, beside colliding ones", "absentBesideColliding"),
        ("colliding, present", "colliding"),
        ("colliding, absent", "absentColliding"),
    )
    for text, name in rows:
        print(f"  {text:42} {nanos[name]:8,.0f} ns {nanos[name] / nanos['ordinary']:6.2f} times the first")
    print(f"load at the end {results['load']}")
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n")
