"""Opens a dataset of many containers on HDFS and reads a file: from the call to the first byte, in a new JVM and in one that did it before."""

import json

from harness import report
from harness.fold_hdfs import CLIENT
from harness.processes import hdfs_server, java, run, say, work_folder


def arguments(parser):
    parser.add_argument("--containers", type=int, default=10_000, help="of each dataset; default: 10000")
    parser.add_argument("--files", default="10,100", metavar="N,N", help="files of each container, a dataset for each; default: 10,100")
    parser.add_argument("--runs", type=int, default=50, help="of each, after the first of a JVM; default: 50")


def main(options):
    with work_folder(options.work) as work, hdfs_server(work) as server:
        print(report.machine(work))
        settings = json.dumps(CLIENT)
        for files in map(int, options.files.split(",")):
            dataset = f"{server.uri}/dataset-{files}"
            say(f"writing {options.containers:,} containers of {files:,} files")
            run(java("FirstByte", "build", dataset, options.containers, files, settings, options=("-Xmx1g",)))
            for version, what in ((1, "nothing removed"), (2, "a file of each container removed")):
                command = java("FirstByte", "read", dataset, options.containers, files, settings, options.runs, version, options=("-Xmx512m",))
                has = json.loads(run(command).stdout.strip().splitlines()[-1])
                print(
                    f"  {options.containers:,} containers, {options.containers * files:,} files, {what}: first of a JVM {has['first'] * 1e3:,.0f} ms,"
                    f" then median {has['median'] * 1e3:,.0f} ms, longest {has['longest'] * 1e3:,.0f} ms; load {report.load()}",
                    flush=True,
                )
