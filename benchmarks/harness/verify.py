"""verify --level data of a local dataset, against cat of its containers, pages warm."""

import json
import os
import shutil

from harness import report
from harness.processes import ROOT, java, run, say, warm, work_folder


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree, see examples/corpora")
    parser.add_argument("--runs", type=int, default=5, help="of each side; default: 5")
    parser.add_argument("--container-size", default="1GiB", help="default: 1GiB")
    parser.add_argument("--copies", type=int, default=1, help="of the tree in the dataset, for what many bytes take; default: 1")
    parser.add_argument("--limits", action="store_true", help="also what a JVM needs to read and sum the same bytes")


def main(options):
    pleat = ROOT / "bin" / "pleat"
    with work_folder(options.work) as work:
        print(report.machine(options.source, work))
        dataset = work / "dataset"
        source = options.source
        if options.copies > 1:
            say("copying")
            source = copies(options.source, work / "tree", options.copies)
        say("folding")
        run([pleat, "fold", source, dataset, "--container-size", options.container_size, "--loose-ok"])
        if options.copies > 1:
            shutil.rmtree(source)
        containers = sorted((dataset / "containers").iterdir())
        size = sum(container.stat().st_size for container in containers)
        warm(dataset)
        files = json.loads(run([pleat, "verify", "--json", dataset]).stdout)["files"]
        print(f"{len(containers)} containers, {files:,} files, {size / 1e6:,.0f} MB, pages warm; load {report.load()}", flush=True)
        table = report.Table("MB")
        for _ in range(options.runs):
            outcome = run(["sh", "-c", "exec cat \"$@\" > /dev/null", "cat", *containers])
            table.add("cat", size / 1e6, outcome.seconds, cpu=f"{outcome.cpu:.2f} s")
            outcome = run([pleat, "verify", "--level", "data", "--json", dataset])
            found = json.loads(outcome.stdout)
            table.add("verify, less the start of its JVM", size / 1e6, found["seconds"])
            table.add("verify, whole process", size / 1e6, outcome.seconds, cpu=f"{outcome.cpu:.2f} s", load=report.load())
        table.print("cat")
        if options.limits:
            print(f"\nA JVM, load {report.load()}:", flush=True)
            print(run(java("ChecksumLimit", 7, *containers)).stdout, end="")


def copies(source, target, count):
    """The tree so many times, as links where that is possible."""
    target.mkdir()
    for number in range(count):
        try:
            shutil.copytree(source, target / f"{number:03d}", symlinks=True, copy_function=os.link)
        except (OSError, shutil.Error):
            shutil.rmtree(target / f"{number:03d}", ignore_errors=True)
            shutil.copytree(source, target / f"{number:03d}", symlinks=True)
    return target
