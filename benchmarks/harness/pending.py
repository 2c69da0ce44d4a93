"""Counting what waits to be folded: against find on a local tree, and hdfs dfs -ls -R in HDFS."""

import json
import os
import statistics
from pathlib import Path

from harness import report
from harness.processes import ROOT, hdfs_server, java, rival_class_path, run, say, work_folder

FILES_OF_A_DIRECTORY = 1000


def arguments(parser):
    parser.add_argument("--files", type=int, default=1_000_000, help="of the local tree; default: 1000000")
    parser.add_argument("--hdfs-files", type=int, default=100_000, help="of the tree in HDFS, 0 for none; default: 100000")
    parser.add_argument("--runs", type=int, default=5, help="of each side; default: 5")
    parser.add_argument("--folded", action="store_true", help="also count when every file is folded already")


def main(options):
    with work_folder(options.work) as work:
        print(report.machine(work))
        tree = make_tree(work / "tree", options.files)
        empty = make_tree(work / "empty", 0)
        print(f"{options.files:,} empty files, {FILES_OF_A_DIRECTORY} in a directory; load {report.load()}")
        find = ["find", str(tree), "-type", "f", "-size", "-4M"]
        compare(options, "find", find, find[:1] + [str(empty)] + find[2:], tree, empty, work / "none", options.files)
        if options.folded:
            say("folding the tree")
            run([ROOT / "bin" / "pleat", "fold", tree, work / "dataset"])
            compare(options, "find", find, find[:1] + [str(empty)] + find[2:], tree, empty, work / "dataset", 0)
        if options.hdfs_files:
            in_hdfs(options, work)


def in_hdfs(options, work):
    part = make_tree(work / "part", options.hdfs_files)
    with hdfs_server(work) as server:
        uri = server.uri
        say("loading the tree into HDFS")
        run(java("LoadTree", part, f"{uri}/source", 0))
        run(java("LoadTree", make_tree(work / "one", 1), f"{uri}/empty", 0))
        (work / "conf").mkdir()
        (work / "conf" / "core-site.xml").write_text("<configuration/>")
        class_path = f"{work / 'conf'}{os.pathsep}{rival_class_path()}"
        shell = ["java", "-Xmx512m", "-cp", class_path, "org.apache.hadoop.fs.FsShell", "-ls", "-R"]
        print(f"\n{options.hdfs_files:,} empty files in HDFS; load {report.load()}")
        compare(
            options,
            "hdfs dfs -ls -R",
            shell + [f"{uri}/source"],
            shell + [f"{uri}/empty"],
            f"{uri}/source",
            f"{uri}/empty",
            f"{uri}/none",
            options.hdfs_files,
        )


def compare(options, rival, command, idle, tree, empty, dataset, waiting):
    """What either side does with next to nothing to list is its start-up, and taken off."""
    walls, cpus = {rival: [], "pleat pending": []}, {rival: [], "pleat pending": []}
    for _ in range(options.runs):
        for side in walls:
            if side == rival:
                start, whole = run(idle), run(command)
            else:
                start = run([ROOT / "bin" / "pleat", "pending", "--json", empty, f"{dataset}-of-empty"])
                whole = run([ROOT / "bin" / "pleat", "pending", "--json", tree, dataset])
                found = json.loads(whole.stdout)["waitingFiles"]
                if found != waiting:
                    raise SystemExit(f"benchmarks/run: {found} files wait, expected {waiting}")
            walls[side].append(whole.seconds - start.seconds)
            cpus[side].append(whole.cpu - start.cpu)
            print(
                f"  {side}: {whole.seconds:.2f} s, {whole.cpu:.2f} s of processors;"
                f" start-up {start.seconds:.2f} s, {start.cpu:.2f} s; {report.mib(whole.peak_rss)}; load {report.load()}",
                flush=True,
            )
    print()
    for side in walls:
        print(
            f"{side:<16} median after start-up {statistics.median(walls[side]):6.2f} s"
            f" ({min(walls[side]):.2f} to {max(walls[side]):.2f}), of processors {statistics.median(cpus[side]):.2f} s"
        )
    ratio = statistics.median(walls[rival]) / statistics.median(walls["pleat pending"])
    print(f"pleat pending is {ratio:.2f} times as fast as {rival}")


def make_tree(root, files):
    """Empty files: neither side reads any."""
    root = Path(root)
    root.mkdir()
    for first in range(0, files, FILES_OF_A_DIRECTORY):
        number = first // FILES_OF_A_DIRECTORY
        folder = root / f"part-{number // 10:04d}" / f"set-{number % 10}"
        folder.mkdir(parents=True)
        for i in range(first, min(files, first + FILES_OF_A_DIRECTORY)):
            os.close(os.open(folder / f"image-{i:07d}.jpg", os.O_CREAT | os.O_WRONLY))
    return root
