"""A whole dataset planned, listed and read by Spark: format("pleat") against binaryFile over pleat:// and the library alone."""

import json
import statistics

from harness import report
from harness.processes import ROOT, java, run, say, warm, work_folder
from harness.report_page import make_tree


def arguments(parser):
    parser.add_argument("--files", type=int, default=100_000, help="of 100 bytes on average; default: 100000")
    parser.add_argument("--runs", type=int, default=3, help="rounds in one process; default: 3")
    parser.add_argument(
        "--sides", default="pleat,binaryFile,library", help="binaryFile wants minutes for 10^6; default: pleat,binaryFile,library"
    )


def main(options):
    with work_folder(options.work) as work:
        print(report.machine(work))
        say("making the tree")
        make_tree(work / "tree", options.files)
        say("folding")
        run([ROOT / "bin" / "pleat", "fold", work / "tree", work / "dataset"])
        warm(work / "dataset")
        print(f"{options.files:,} files, pages warm; load {report.load()}", flush=True)
        command = java("SparkReads", work / "dataset", options.runs, options.sides, options=("-Xmx4g",))
        result = json.loads(run(command).stdout.strip().splitlines()[-1])
        show(result)
        print(f"load at the end {report.load()}")


def show(result):
    print(f"{result['files']:,} live files\n{'':<18} first of its JVM   median of the others")
    for name, seconds in result["seconds"].items():
        later = statistics.median(seconds[1:] or seconds)
        tasks = f"  {result['answers'][name]:,} tasks" if name.endswith("plan") else ""
        rival = result["seconds"].get(name.replace("pleat", "binaryFile")) if name.startswith("pleat") else None
        ratio = f"  binaryFile takes {statistics.median(rival[1:] or rival) / later:.1f}x as long" if rival else ""
        print(f"  {name:<16} {seconds[0]:>14.2f} s {later:>16.2f} s{tasks}{ratio}")
