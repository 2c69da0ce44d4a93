"""Listing an uneven tree that exists by rule alone, on one core and on two."""

import statistics

from harness import report
from harness.processes import Session, work_folder


def arguments(parser):
    parser.add_argument("--singles", type=int, default=1_000_000, help="directories of one file; default: 1000000")
    parser.add_argument("--big", type=int, default=1_000_000, help="files of one directory; default: 1000000")
    parser.add_argument("--runs", type=int, default=3, help="of each side; default: 3")


def main(options):
    source = f"synthetic:/singles={options.singles},big={options.big},unreadable=0,length=8"
    seconds = {1: [], 2: []}
    with work_folder(options.work) as work:
        print(report.machine(work))
        print(f"{source}; load {report.load()}")
        for _ in range(options.runs):
            for cores in seconds:
                with Session(f"local[{cores}]", cores=cores) as session:
                    # The first one warms the JVM up.
                    for _ in ("warm-up", "measured"):
                        result = session.fold(
                            source=source,
                            dataset=str(work / "dataset"),
                            dryRun=True,
                            indivisible=options.big,
                        )
                list_seconds = result["phases"]["list"]
                seconds[cores].append(list_seconds)
                tasks = result["listed"]
                print(
                    f"  {cores} core{'s' * (cores > 1)}: listing {list_seconds:.2f} s of {result['seconds']:.2f} s;"
                    f" {tasks['tasks']} tasks of min {tasks.get('min', 0):,} median {tasks.get('median', 0):,}"
                    f" max {tasks.get('max', 0):,} entries, and the one that met the large directory:"
                    f" {', '.join(f'{entries:,}' for entries in tasks['indivisible'])}",
                    flush=True,
                )
    one, two = (statistics.median(seconds[cores]) for cores in (1, 2))
    print(f"\nlisting: {one:.2f} s on one core, {two:.2f} s on two: {one / two:.2f}x")
    if tasks.get("median"):
        print(f"largest other task: {tasks['max'] / tasks['median']:.2f} of the median")
