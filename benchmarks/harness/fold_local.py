"""Fold from and to a local disk, against tar: both synced, the source's pages warm."""

from harness import report
from harness.processes import ROOT, Session, clear, run, say, sync, warm, work_folder

SIZES = {"1GiB": 1 << 30, "128MiB": 128 << 20}


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree, see examples/corpora")
    parser.add_argument("--runs", type=int, default=5, help="of each side; default: 5")
    parser.add_argument("--sizes", default="1GiB,128MiB", help="container sizes; default: 1GiB,128MiB")
    parser.add_argument(
        "--only",
        choices=["tar", "once-up", "whole-process"],
        help="leave out the others (tar always runs); default: all",
    )


def main(options):
    sizes = options.sizes.split(",")
    with work_folder(options.work) as work:
        print(report.machine(options.source, work))
        files, size = warm(options.source)
        print(f"{options.source}: {files:,} files, {size / 1e6:,.0f} MB; load {report.load()}")
        for size_name in sizes:
            print(f"\ncontainers of {size_name}")
            compare(options, work, files, size_name)


def compare(options, work, files, size_name):
    table = report.Table()
    once_up = options.only in (None, "once-up")
    whole = options.only in (None, "whole-process")
    session = Session() if once_up else None
    try:
        if session:
            started = session.started
            say(f"session up after {started['jvmSeconds']:.1f} s, Spark's share {started['startSeconds']:.1f} s")
            # The first fold of a JVM runs interpreted code: shown, but no part of the medians.
            first = fold_once_up(session, options.source, work, size_name)
            table.add("pleat, first in its JVM", files, first["synced"], phases=report.phases(first))
        for _ in range(options.runs):
            archive(table, options.source, work, files)
            if session:
                result = fold_once_up(session, options.source, work, size_name)
                table.add(
                    "pleat, once up",
                    files,
                    result["synced"],
                    containers=result["containers"],
                    phases=report.phases(result),
                    rss=report.mib(result["peakRssBytes"]),
                )
            if whole:
                if session:
                    archive(table, options.source, work, files)
                fold_whole(table, options.source, work, files, size_name)
    finally:
        if session:
            session.__exit__()
    table.print("tar cf")


def archive(table, source, work, files):
    target = work / "tree.tar"
    outcome = run(["tar", "cf", target, "-C", source, "."])
    table.add("tar cf", files, outcome.seconds + sync())
    clear(target)


def fold_once_up(session, source, work, size_name):
    target = work / "dataset"
    result = session.fold(source=str(source), dataset=str(target), containerSize=SIZES[size_name])
    result["synced"] = result["seconds"] + sync()
    clear(target)
    return result


def fold_whole(table, source, work, files, size_name):
    target = work / "dataset"
    command = [ROOT / "bin" / "pleat", "fold", source, target, "--container-size", size_name, "--loose-ok"]
    outcome = run(command)
    seconds = outcome.seconds + sync()
    table.add("pleat, whole process", files, seconds, rss=report.mib(outcome.peak_rss))
    clear(target)
