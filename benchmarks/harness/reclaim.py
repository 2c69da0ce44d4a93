"""reclaim of a local tree, against reading originals and containers once and rm -r."""

import json
import shutil
import subprocess

from harness import report
from harness.processes import ROOT, run, say, warm, work_folder

BY_HAND = 'find "$1" -type f -print0 | xargs -0 cat > /dev/null; cat "$2"/containers/* > /dev/null; rm -r "$1"'


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree, see examples/corpora; it is copied, and only the copy is deleted")
    parser.add_argument("--runs", type=int, default=3, help="of each side; default: 3")


def main(options):
    pleat = ROOT / "bin" / "pleat"
    with work_folder(options.work) as work:
        print(report.machine(options.source, work))
        tree = work / "tree"
        dataset = work / "dataset"
        table = report.Table("files")
        for number in range(options.runs):
            say("copying and folding")
            fresh(options.source, tree)
            if dataset.exists():
                shutil.rmtree(dataset)
            run([pleat, "fold", tree, dataset, "--loose-ok", "--allow-wider-access"])
            warm(tree)
            warm(dataset)
            outcome = run([pleat, "reclaim", "--grace", "0", "--json", tree, dataset])
            found = json.loads(outcome.stdout)
            files = found["files"]["deleted"]
            if number == 0:
                print(f"{files:,} originals of {found['bytes']['deleted'] / 1e6:,.0f} MB, pages warm; load {report.load()}", flush=True)
            fresh(options.source, tree)
            warm(tree)
            subprocess.run(["sync"], check=True)
            rival = run(["sh", "-c", BY_HAND, "sh", tree, dataset])
            table.add("read both once, rm -r", files, rival.seconds, cpu=f"{rival.cpu:.2f} s")
            table.add("reclaim, less the start of its JVM", files, found["seconds"])
            table.add("reclaim, whole process", files, outcome.seconds, cpu=f"{outcome.cpu:.2f} s", load=report.load())
        table.print("read both once, rm -r")


def fresh(source, tree):
    if tree.exists():
        shutil.rmtree(tree)
    subprocess.run(["cp", "-a", source, tree], check=True)
