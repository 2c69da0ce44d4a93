"""Random reads by path of a local dataset, against the originals and against pread of the same ranges."""

import json
import statistics

from harness import report
from harness.processes import Session, java, run, warm, work_folder


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree, see examples/corpora")
    parser.add_argument("--reads", type=int, default=200_000, help="in each round; default: 200000")
    parser.add_argument("--runs", type=int, default=5, help="rounds of each side; default: 5")
    parser.add_argument("--threads", default="1,2", help="default: 1,2")
    parser.add_argument("--seed", type=int, default=1, help="of the order; default: 1")


def main(options):
    with work_folder(options.work) as work:
        print(report.machine(options.source, work))
        warm(options.source)
        with Session() as session:
            session.fold(source=str(options.source), dataset=str(work / "dataset"))
        warm(work / "dataset")
        print(f"{options.source}, pages warm; load {report.load()}")
        for threads in options.threads.split(","):
            command = java(
                "RandomReads",
                options.source,
                work / "dataset",
                options.reads,
                options.runs,
                options.seed,
                threads,
                options=("-Xmx1g",),
            )
            result = json.loads(run(command).stdout)
            print(f"\n{threads} thread(s), {options.reads:,} reads a round of {result['files']:,} files")
            medians = {side: statistics.median(result[side]) for side in ("folded", "originals", "ranges")}
            names = {
                "folded": "FoldedDataset.read",
                "originals": "Files.readAllBytes of the originals",
                "ranges": "pread of the containers",
            }
            for side, rate in medians.items():
                ratio = "" if side == "folded" else f"  Pleat {medians['folded'] / rate:.2f}x"
                print(f"  {names[side]:<36} median {rate:>10,.0f} files/s{ratio}")
