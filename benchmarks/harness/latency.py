"""Fold from a store that takes 20 ms to open each file, against reading one file after the other."""

import json

from harness import report
from harness.processes import Session, clear, java, run, warm, work_folder


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree, see examples/corpora")
    parser.add_argument("--runs", type=int, default=3, help="of each side; default: 3")
    parser.add_argument(
        "--one-at-a-time", type=int, default=1000, metavar="N", help="files of the plain loop; default: 1000"
    )


def main(options):
    source = f"slow:{options.source}"
    with work_folder(options.work) as work:
        print(report.machine(options.source, work))
        files, size = warm(options.source)
        print(f"{source}: {files:,} files, {size / 1e6:,.0f} MB; load {report.load()}")
        table = report.Table()
        target = work / "dataset"
        with Session() as session:
            for _ in range(options.runs):
                loop = run(java("OneAtATime", source, work / "out", options.one_at_a_time))
                result = json.loads(loop.stdout)
                table.add("one at a time", result["files"], result["seconds"])
                clear(work / "out")
                result = session.fold(source=source, dataset=str(target))
                table.add(
                    "pleat, once up",
                    result["files"],
                    result["seconds"],
                    phases=report.phases(result),
                    reads_at_once=result["peakReads"],
                    bytes_in_reads=report.mib(result["peakBytesInReads"]),
                    peak_buffered_a_task=report.mib(result["peakBufferedBytes"]),
                )
                clear(target)
        table.print("one at a time")

