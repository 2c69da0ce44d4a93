"""Reads by path of a local dataset, against the limit, the originals, a zip and an SQLite archive."""

import json

from harness import report
from harness.processes import Session, java, run, warm, work_folder


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree, see examples/corpora")
    parser.add_argument("--reads", type=int, default=100_000, help="in each round; default: 100000")
    parser.add_argument("--runs", type=int, default=3, help="rounds of each side; default: 3")
    parser.add_argument("--threads", default="1,4", help="default: 1,4")
    parser.add_argument("--seed", type=int, default=1, help="of the order; default: 1")
    parser.add_argument("--rivals", choices=["all", "none"], default="all", help="archives beside the originals; default: all")
    parser.add_argument("--jfr", metavar="FILE", help="a flight recording of the reading process")


def main(options):
    with work_folder(options.work) as work:
        print(report.machine(options.source, work))
        warm(options.source)
        with Session() as session:
            session.fold(source=str(options.source), dataset=str(work / "dataset"))
        warm(work / "dataset")
        print(f"{options.source}, pages warm; load {report.load()}", flush=True)
        recording = [f"-XX:StartFlightRecording=filename={options.jfr},settings=profile"] if options.jfr else []
        command = java(
            "LocalReads",
            options.source,
            work / "dataset",
            work,
            options.reads,
            options.runs,
            options.seed,
            options.threads,
            options.rivals,
            options=("-Xmx2g", "-XX:MaxDirectMemorySize=1g", *recording),
        )
        result = json.loads(run(command).stdout.strip().splitlines()[-1])
        for threads in options.threads.split(","):
            show(f"{threads} thread(s), {options.reads:,} reads a round of {result['files']:,} files", result[threads])
        print(f"load at the end {report.load()}")


def show(title, rates):
    print(f"\n{title}; files/s, and Pleat's as a multiple")
    for name, rate in rates.items():
        ratios = "".join(
            f"  {pleat[7:]} {rates[pleat] / rate:.2f}x" for pleat in rates if pleat.startswith("pleat, ") and pleat != name
        )
        print(f"  {name:<24} {rate:>10,.0f}{'' if name.startswith('pleat') else ratios}")
