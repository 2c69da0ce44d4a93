"""The page of a dataset of many files, against its aims: 10 s after start-up, and 2 MB."""

import random
import statistics

from harness import report
from harness.processes import ROOT, run, say, warm, work_folder

DIRECTORIES = 2000
MOST_BYTES = 200
SECONDS = 10
BYTES = 2_000_000


def arguments(parser):
    parser.add_argument("--files", type=int, default=1_000_000, help="of 100 bytes on average, in 2,000 directories; default: 1000000")
    parser.add_argument("--runs", type=int, default=5, help="default: 5")


def main(options):
    pleat = ROOT / "bin" / "pleat"
    with work_folder(options.work) as work:
        print(report.machine(work))
        say("making the tree")
        make_tree(work / "tree", options.files)
        make_tree(work / "one", 1)
        say("folding")
        for tree in ("tree", "one"):
            run([pleat, "fold", work / tree, work / f"{tree}.pleat"])
        warm(work / "tree.pleat")
        page = work / "report.html"
        walls, cpus, sizes = [], [], []
        print(f"{options.files:,} files; load {report.load()}", flush=True)
        for _ in range(options.runs):
            start = run([pleat, "report", work / "one.pleat", "-o", page])
            whole = run([pleat, "report", work / "tree.pleat", "-o", page])
            sizes.append(page.stat().st_size)
            walls.append(whole.seconds - start.seconds)
            cpus.append(whole.cpu - start.cpu)
            print(
                f"  {whole.seconds:.2f} s, {whole.cpu:.2f} s of processors; start-up (a page of one file)"
                f" {start.seconds:.2f} s, {start.cpu:.2f} s; {sizes[-1]:,} bytes; {report.mib(whole.peak_rss)}; load {report.load()}",
                flush=True,
            )
        print()
        print(f"after start-up, median {statistics.median(walls):.2f} s ({min(walls):.2f} to {max(walls):.2f}; aim {SECONDS})")
        print(f"of processors,  median {statistics.median(cpus):.2f} s ({min(cpus):.2f} to {max(cpus):.2f})")
        print(f"page,           median {statistics.median(sizes):,.0f} bytes (aim {BYTES:,})")


def make_tree(root, files):
    """Random bytes of random lengths: always the same."""
    chance = random.Random(1)
    content = chance.randbytes(MOST_BYTES * 2)
    root.mkdir()
    for number in range(files):
        folder = root / f"part-{number % DIRECTORIES // 50:02d}" / f"set-{number % DIRECTORIES:04d}"
        if number < DIRECTORIES:
            folder.mkdir(parents=True)
        start = chance.randrange(MOST_BYTES)
        with open(folder / f"sample-{number:07d}.json", "wb") as file:
            file.write(content[start : start + chance.randrange(MOST_BYTES)])
