"""Fold from HDFS to HDFS, against hadoop archive; the servers are in a JVM of their own."""

import json
import os
from pathlib import Path

from harness import report
from harness.processes import (
    ROOT,
    Session,
    cpu_seconds,
    environment,
    hdfs_server,
    java,
    rival_class_path,
    run,
    say,
    work_folder,
)

# A client that closes a small file asks the name node whether the data node has reported the block, and
# sleeps 400 ms if not. Both sides get 1 ms, or the benchmark would measure this sleep.
CLIENT = {
    "dfs.replication": "1",
    "dfs.client.block.write.locateFollowingBlock.initial.delay.ms": "1",
    "dfs.client.block.write.locateFollowingBlock.retries": "12",
}


def arguments(parser):
    parser.add_argument("source", metavar="SOURCE", help="a local tree to load, see examples/corpora")
    parser.add_argument("--runs", type=int, default=3, help="of each side; default: 3")
    parser.add_argument(
        "--subset", type=int, default=20_000, metavar="N", help="files to load, 0 for all; default: 20000"
    )
    parser.add_argument(
        "--only",
        choices=["archive", "once-up", "whole-process"],
        help="leave out the others (hadoop archive always runs); default: all",
    )
    parser.add_argument(
        "--maps", choices=["1", "2", "both"], default="both", help="of hadoop archive at once; default: both, in turn"
    )


def main(options):
    with work_folder(options.work) as work, hdfs_server(work) as server:
        print(report.machine(work))
        say("loading the tree into HDFS")
        loaded = run(java("LoadTree", options.source, f"{server.uri}/source", options.subset))
        found = json.loads(loaded.stdout)
        files = found["files"]
        print(
            f"{files:,} files of {options.source}, {found['bytes'] / 1e6:,.0f} MB, loaded in"
            f" {loaded.seconds:.0f} s; load {report.load()}"
        )
        compare(options, work, server, files)


def compare(options, work, server, files):
    uri = server.uri
    table = report.Table()
    once_up = options.only in (None, "once-up")
    whole = options.only in (None, "whole-process")
    session = Session() if once_up else None
    try:
        if session:
            first = session.fold(source=f"{uri}/source", dataset=f"{uri}/first", configuration=CLIENT)
            table.add("pleat, first in its JVM", files, first["seconds"], phases=report.phases(first))
        for number in range(options.runs):
            if options.maps != "2":
                archive(table, work, server, files, number, {})
            if options.maps != "1":
                archive(table, work, server, files, number, PARALLEL)
            if session:
                cpu = Cpu(server, session.process.pid)
                result = session.fold(
                    source=f"{uri}/source", dataset=f"{uri}/once-{number}", configuration=CLIENT
                )
                table.add("pleat, once up", files, result["seconds"], cpu=cpu.used(), phases=report.phases(result))
            if whole:
                cpu = Cpu(server)
                command = [ROOT / "bin" / "pleat", "fold", f"{uri}/source", f"{uri}/whole-{number}", "--loose-ok"]
                for name, value in CLIENT.items():
                    command += ["--conf", f"spark.hadoop.{name}={value}"]
                outcome = run(command)
                table.add("pleat, whole process", files, outcome.seconds, cpu=cpu.used(outcome), rss=report.mib(outcome.peak_rss))
    finally:
        if session:
            session.__exit__()
    table.print(max((side for side in table.runs if side.startswith("hadoop")), key=table.median))


# As it comes, hadoop archive runs one map for 2 GiB. Given smaller part files and a runner that takes two maps at
# once, it uses both cores: the stronger of the two is the rival.
PARALLEL = {"har.partfile.size": str(128 << 20), "mapreduce.local.map.tasks.maximum": "2"}


class Cpu:
    """CPU seconds of a client and of the servers from now on: beside other work they say more than the clock."""

    def __init__(self, server, client=None):
        self.server = server
        self.client = client
        self.server_before = server.cpu()
        self.client_before = cpu_seconds(client) if client else 0

    def used(self, outcome=None):
        client = outcome.cpu if outcome else cpu_seconds(self.client) - self.client_before
        return f"{client:.1f}+{self.server.cpu() - self.server_before:.1f} s, load {report.load()}"


def archive(table, work, server, files, number, tuning):
    """Makes a Hadoop archive of /source, checks that it is whole, and returns its location."""
    uri = server.uri
    name = "hadoop archive, 2 maps" if tuning else "hadoop archive"
    folder = Path(work) / f"archive-{number}-{len(tuning)}"
    (folder / "conf").mkdir(parents=True)
    settings = {
        **CLIENT,
        **tuning,
        "fs.defaultFS": uri,
        "hadoop.tmp.dir": str(folder / "tmp"),
        "mapreduce.framework.name": "local",
    }
    properties = "".join(
        f"<property><name>{key}</name><value>{value}</value></property>" for key, value in settings.items()
    )
    (folder / "conf" / "core-site.xml").write_text(f"<configuration>{properties}</configuration>")
    target = f"/har-{number}-{len(tuning)}"
    command = ["java", "-Xmx1g", "-cp", f"{folder / 'conf'}{os.pathsep}{rival_class_path()}"]
    command += ["org.apache.hadoop.tools.HadoopArchives", "-archiveName", "tree.har", "-p", "/source", target]
    cpu = Cpu(server)
    outcome = run(command, cwd=folder, env={**environment(), "HADOOP_USER_NAME": os.environ.get("USER", "root")})
    table.add(name, files, outcome.seconds, cpu=cpu.used(outcome), rss=report.mib(outcome.peak_rss))
    check_archive(folder, uri, target, files)
    return f"har://{uri.replace('://', '-')}{target}/tree.har"


def check_archive(folder, uri, target, files):
    """A rival that leaves files out would be no rival: its index must name them all."""
    command = ["java", "-cp", f"{folder / 'conf'}{os.pathsep}{rival_class_path()}", "org.apache.hadoop.fs.FsShell"]
    index = run(command + ["-cat", f"{uri}{target}/tree.har/_index"]).stdout
    found = sum(1 for line in index.splitlines() if line.split(" ", 2)[1:2] == ["file"])
    if found != files:
        raise SystemExit(f"benchmarks/run: the archive holds {found} files of {files}")
