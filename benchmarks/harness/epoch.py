"""Single reads, batches and shuffled epochs on HDFS or S3, against the originals there, a Hadoop archive and the limits; servers in JVMs of their own."""

import json
import statistics

from harness import report
from harness.fold_hdfs import CLIENT, PARALLEL, archive
from harness.processes import Session, hdfs_server, java, run, s3_server, s3_settings, say, work_folder
from harness.reads import show


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree to load, see examples/corpora")
    parser.add_argument("--subset", type=int, default=0, metavar="N", help="files to load, 0 for all; default: 0")
    parser.add_argument("--reads", type=int, default=10_000, help="in each round; default: 10000")
    parser.add_argument("--runs", type=int, default=3, help="rounds of each side; default: 3")
    parser.add_argument("--threads", default="1,4", help="default: 1,4")
    parser.add_argument("--seed", type=int, default=1, help="of the order; default: 1")
    parser.add_argument("--store", choices=["hdfs", "s3"], default="hdfs", help="default: hdfs")
    parser.add_argument("--archive", action="store_true", help="read a Hadoop archive of the tree, too (hdfs)")
    parser.add_argument("--memory", type=int, default=1 << 30, help="of an epoch, in bytes: twice the window; default: 1 GiB")


def main(options):
    if options.archive and options.store != "hdfs":
        raise SystemExit("benchmarks/run: --archive goes with --store hdfs")
    serve = hdfs_server if options.store == "hdfs" else s3_server
    with work_folder(options.work) as work, serve(work) as server:
        uri, settings = (server.uri, CLIENT) if options.store == "hdfs" else ("s3a://data", s3_settings(server.uri))
        print(report.machine(work))
        say(f"loading the tree into {options.store}")
        load = java("LoadTree", options.source, f"{uri}/source", options.subset, json.dumps(settings))
        loaded = json.loads(run(load).stdout)
        print(f"{loaded['files']:,} files of {options.source}, {loaded['bytes'] / 1e6:,.0f} MB; load {report.load()}", flush=True)
        with Session() as session:
            session.fold(source=f"{uri}/source", dataset=f"{uri}/dataset", configuration=settings)
        rivals = [archive(report.Table(), work, server, loaded["files"], 0, PARALLEL)] if options.archive else []
        command = java(
            "RemoteReads",
            f"{uri}/source",
            f"{uri}/dataset",
            options.reads,
            options.runs,
            options.seed,
            options.threads,
            options.memory,
            json.dumps(settings),
            *rivals,
            options=("-Xmx2g", f"-XX:MaxDirectMemorySize={2 * options.memory + (256 << 20)}"),
        )
        result = json.loads(run(command).stdout.strip().splitlines()[-1])
        if rivals:
            har, ours = result["archive opened"], result["dataset opened"]
            print(
                f"archive opened in {har[0]:.3f} s, and again in {statistics.median(har[1:]):.3f}, {result['archive heap'] / loaded['files']:,.0f} B of heap a file;"
                f" dataset in {ours[0]:.3f} s, and again in {statistics.median(ours[1:]):.3f}"
            )
        for threads in options.threads.split(","):
            single = result[f"single {threads}"]
            show(f"single reads, {threads} thread(s), {result['files']:,} files", single)
            for name, rate in result[f"batch {threads}"].items():
                print(f"  pleat, {name:<17} {rate:>10,.0f}  originals {rate / single['originals']:.2f}x")
            if "archive" in single:
                print(f"  pleat, readPooled     {single['pleat, readPooled'] / single['archive']:.2f}x the archive")
        epoch = result["epoch"]
        print(
            f"\nshuffled epoch {epoch['shuffled epoch']:,.0f} files/s, sequential scan {epoch['sequential scan']:,.0f}:"
            f" {epoch['shuffled epoch'] / epoch['sequential scan']:.2f} of it,"
            f" {epoch['shuffled epoch'] / result['single ' + options.threads.split(',')[0]]['originals']:.1f}x the originals"
        )
        mixture = result["mixture"]
        print(
            f"mixture: {mixture['distinct']:.1f} distinct directories in a batch of 256, uniform {mixture['uniform']:.1f}:"
            f" {mixture['ratio']:.3f}; window {options.memory // 2 >> 20} MiB"
        )
        print(f"{result['statistics']}\nload at the end {report.load()}")
