"""Random reads through pleat://, Hadoop's FileSystem, against the library under it."""

import json
import statistics

from harness import report
from harness.processes import Session, java, run, warm, work_folder


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree, see examples/corpora")
    parser.add_argument("--reads", type=int, default=200_000, help="in each round; default: 200000")
    parser.add_argument("--runs", type=int, default=5, help="rounds of each side; default: 5")
    parser.add_argument("--threads", default="1,4", help="default: 1,4")
    parser.add_argument("--seed", type=int, default=1, help="of the order; default: 1")


def main(options):
    with work_folder(options.work) as work:
        print(report.machine(options.source, work))
        with Session() as session:
            session.fold(source=str(options.source), dataset=str(work / "dataset"))
        warm(work / "dataset")
        print(f"{options.source}, pages warm; load {report.load()}")
        for threads in options.threads.split(","):
            command = java(
                "FileSystemReads",
                work / "dataset",
                options.reads,
                options.runs,
                options.seed,
                threads,
                options=("-Xmx1g",),
            )
            result = json.loads(run(command).stdout.strip().splitlines()[-1])
            print(f"\n{threads} thread(s), {options.reads:,} reads a round of {result['files']:,} files; load {report.load()}")
            library, view = (statistics.median(result[side]) for side in ("library", "view"))
            print(f"  FoldedDataset.read                   median {library:>10,.0f} files/s")
            print(f"  FileSystem: open, readFully, close   median {view:>10,.0f} files/s  {view / library:.2f} of the library")
            used, viewed = (statistics.median(result[side]) for side in ("libraryCpu", "viewCpu"))
            print(f"  CPU time a file: {used / 1000:.1f} us and {viewed / 1000:.1f} us, ratio {used / viewed:.2f}")
