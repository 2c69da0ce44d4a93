"""Memory of the driver by number of files, with and without a million of them left loose."""

from harness import report
from harness.processes import Session, clear, work_folder

TREES = {
    "100,000 files": (50_000, 50_000, 0),
    "2,000,000 files": (1_000_000, 1_000_000, 0),
    "2,000,000 files, 1,000,000 unreadable": (500_000, 1_500_000, 1_000_000),
}


def arguments(parser):
    parser.add_argument("--heap", default="512m", help="the driver's -Xmx; default: 512m")
    parser.add_argument("--length", type=int, default=64, help="of each file, in bytes; default: 64")


def main(options):
    with work_folder(options.work) as work:
        print(report.machine(work))
        print(f"one JVM a tree, -Xmx{options.heap}, local[2]; load {report.load()}")
        for name, (singles, big, unreadable) in TREES.items():
            source = f"synthetic:/singles={singles},big={big},unreadable={unreadable},length={options.length}"
            with Session("local[2]", options.heap) as session:
                result = session.fold(source=source, dataset=str(work / "dataset"))
            clear(work / "dataset")
            if result["files"] != singles + big - unreadable or result["looseFiles"] != unreadable:
                raise SystemExit(f"benchmarks/run: wrong counts for {source}: {result}")
            print(
                f"  {name}: peak RSS {report.mib(result['peakRssBytes'])}, heap after collections at most"
                f" {report.mib(result['peakLiveHeapBytes'])}, {result['seconds']:.1f} s,"
                f" {result['containers']} containers, {result['looseFiles']:,} loose",
                flush=True,
            )
