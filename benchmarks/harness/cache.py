"""The cache on a local disk before a slow store: random reads and epochs without it, filling it and from it, for several sizes of its chunks."""

import json
import re
import subprocess

from harness import report
from harness.fold_hdfs import CLIENT
from harness.processes import ROOT, Session, hdfs_server, java, run, s3_server, s3_settings, say, work_folder

PACKAGE = "io/pleat/read/cache"


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree, see examples/corpora")
    parser.add_argument("--store", choices=["hdfs", "s3", "slow"], default="slow", help="slow: a local disk behind 20 ms and 100 MB/s a read; default: slow")
    parser.add_argument("--chunks", default="64,256,1024,4096,8192", metavar="KIB,KIB", help="sizes of chunks; default: 64,256,1024,4096,8192")
    parser.add_argument("--subset", type=int, default=20_000, metavar="N", help="files of the tree to load into hdfs or s3, 0 for all; default: 20000")
    parser.add_argument("--reads", type=int, default=2_000, help="at random, in each round; default: 2000")
    parser.add_argument("--runs", type=int, default=3, help="rounds that count; default: 3")
    parser.add_argument("--threads", type=int, default=8, help="that read; default: 8")
    parser.add_argument("--seed", type=int, default=1, help="of the order; default: 1")
    parser.add_argument("--memory", type=int, default=512 << 20, help="of an epoch, in bytes; default: 512 MiB")


def main(options):
    with work_folder(options.work) as work:
        print(report.machine(work))
        if options.store == "slow":
            with Session() as session:
                session.fold(source=str(options.source), dataset=str(work / "dataset"))
            measure(options, work, f"slow:{work / 'dataset'}", {})
            return
        serve = hdfs_server if options.store == "hdfs" else s3_server
        with serve(work) as server:
            uri, settings = (server.uri, CLIENT) if options.store == "hdfs" else ("s3a://data", s3_settings(server.uri))
            say(f"loading the tree into {options.store}")
            run(java("LoadTree", options.source, f"{uri}/source", options.subset, json.dumps(settings)))
            with Session() as session:
                session.fold(source=f"{uri}/source", dataset=f"{uri}/dataset", configuration=settings)
            measure(options, work, f"{uri}/dataset", settings)


def with_chunks_of(work, kib):
    """The classes of the cache, compiled with another size of chunks: a folder to stand first in a class path."""
    made = work / f"chunks-{kib}"
    folder = ROOT / "reader-lib" / "src" / "main" / "java" / PACKAGE
    sources = []
    for source in folder.glob("*.java"):
        text = source.read_text()
        if source.name == "ChunkFile.java":
            text, count = re.subn(r"DATA_LENGTH = 1 << 20;", f"DATA_LENGTH = {kib} << 10;", text)
            if count != 1:
                raise SystemExit(f"benchmarks/run: the size of chunks is not where it was in {source}")
        copy = made / "source" / source.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text)
        sources.append(str(copy))
    class_path = java("CacheReads")[java("CacheReads").index("-cp") + 1]
    subprocess.run(["javac", "-nowarn", "-proc:none", "-d", str(made / "classes"), "-cp", class_path, *sources], check=True)
    return made / "classes"


def measure(options, work, dataset, settings):
    print(f"{options.source} on {options.store}, {options.threads} threads; load {report.load()}", flush=True)
    print("  files/s; bytes fetched a byte asked for; CPU us a file")
    for kib in map(int, options.chunks.split(",")):
        command = java(
            "CacheReads",
            dataset,
            work / "cache",
            options.reads,
            options.runs,
            options.seed,
            options.threads,
            options.memory,
            json.dumps(settings),
            options=("-Xmx1g", f"-XX:MaxDirectMemorySize={2 * options.memory + (256 << 20)}"),
        )
        at = command.index("-cp") + 1
        command[at] = f"{with_chunks_of(work, kib)}:{command[at]}"
        results = json.loads(run(command).stdout.strip().splitlines()[-1])
        print(f"\n  chunks of {kib} KiB, {results.pop('files'):,} files; load {report.load()}")
        for name, (rate, fetched, micros) in results.items():
            print(f"    {name:<22} {rate:>10,.0f} {fetched:>8.2f} {micros:>8.0f}", flush=True)
