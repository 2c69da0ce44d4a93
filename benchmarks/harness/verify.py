"""verify --level data of a local dataset, against cat of its containers, pages warm."""

import json

from harness import report
from harness.processes import ROOT, run, say, warm, work_folder


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree, see examples/corpora")
    parser.add_argument("--runs", type=int, default=5, help="of each side; default: 5")
    parser.add_argument("--container-size", default="1GiB", help="default: 1GiB")


def main(options):
    pleat = ROOT / "bin" / "pleat"
    with work_folder(options.work) as work:
        print(report.machine(options.source, work))
        dataset = work / "dataset"
        say("folding")
        run([pleat, "fold", options.source, dataset, "--container-size", options.container_size, "--loose-ok"])
        containers = sorted((dataset / "containers").iterdir())
        size = sum(container.stat().st_size for container in containers)
        warm(dataset)
        print(f"{len(containers)} containers, {size / 1e6:,.0f} MB, pages warm; load {report.load()}", flush=True)
        table = report.Table("MB")
        for _ in range(options.runs):
            outcome = run(["sh", "-c", "exec cat \"$@\" > /dev/null", "cat", *containers])
            table.add("cat", size / 1e6, outcome.seconds, cpu=f"{outcome.cpu:.2f} s")
            outcome = run([pleat, "verify", "--level", "data", "--json", dataset])
            found = json.loads(outcome.stdout)
            table.add("verify, less the start of its JVM", size / 1e6, found["seconds"])
            table.add("verify, whole process", size / 1e6, outcome.seconds, cpu=f"{outcome.cpu:.2f} s", load=report.load())
        table.print("cat")
