"""Folds a synthetic tree of many tiny files end to end through Spark, then opens the dataset, looks up, reads and lists."""

import json
import os
import threading
import time
from pathlib import Path

from harness import report
from harness.processes import Session, clear, java, run, work_folder

SAMPLE_SECONDS = 1.0


def arguments(parser):
    parser.add_argument("--files", type=int, default=2_000_000, help="default: 2000000")
    parser.add_argument("--length", type=int, default=8, help="mean of each file, in bytes; default: 8")
    parser.add_argument("--spread", type=int, default=1, help="seconds over which the files of a directory changed; default: 1")
    parser.add_argument("--seed", type=int, default=1, help="of the tree; default: 1")
    parser.add_argument("--driver-memory", default="1g", help="the driver's -Xmx; default: 1g")
    parser.add_argument("--cores", type=int, default=2, help="Spark's tasks at once; default: 2")
    parser.add_argument("--container-entries", type=int, default=1 << 20, help="where a container closes; default: 2^20")
    parser.add_argument("--lookups", type=int, default=1_000_000, help="of present paths; default: 1000000")
    parser.add_argument("--absent", type=int, default=100_000, help="lookups of absent paths; default: 100000")
    parser.add_argument("--reads", type=int, default=10_000, help="files read and compared; default: 10000")
    parser.add_argument("--reader-memory", default="256m", help="the reader's -Xmx; default: 256m")
    parser.add_argument("--reader-index", type=int, default=8192, help="bound on resident index blocks, MiB; default: 8192")
    parser.add_argument("--jvm", action="append", default=[], metavar="OPTION", help="another option of the folding JVM, such as a recording")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a Spark setting")
    parser.add_argument("--keep", metavar="DATASET", help="folds there, and leaves it; it must not exist")
    parser.add_argument("--json", metavar="FILE", help="all figures as JSON")


class Sampler(threading.Thread):
    """Peaks of a process's memory and of folders' sizes."""

    def __init__(self, pid, folders):
        super().__init__(daemon=True)
        self.pid = pid
        self.folders = folders
        self.peaks = dict.fromkeys(["rss", *folders, "all"], 0)
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(SAMPLE_SECONDS):
            self.sample()

    def sample(self):
        self.peak("rss", resident(self.pid))
        sizes = {name: size_of(folder) for name, folder in self.folders.items()}
        for name, size in sizes.items():
            self.peak(name, size)
        self.peak("all", sum(sizes.values()))

    def peak(self, name, value):
        self.peaks[name] = max(self.peaks[name], value)

    def stop(self):
        self.ended.set()
        self.join()
        self.sample()
        return self.peaks


def resident(pid):
    status = Path(f"/proc/{pid}/status")
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS:")), 0)


def size_of(folder):
    """Bytes on disk; what vanishes meanwhile counts nothing."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


def files_of(dataset):
    """Count and bytes of the dataset's files, by folder."""
    facts = {}
    for folder in ("containers", "catalog/files", "catalog/containers", "_pleat/manifests", "_pleat/snapshots"):
        sizes = [path.stat().st_size for path in (dataset / folder).glob("*")]
        facts[folder] = {"files": len(sizes), "bytes": sum(sizes)}
    return facts


def main(options):
    source = (
        f"synthetic:/images={options.files},length={options.length},spread={options.spread},seed={options.seed}"
    )
    if options.keep and os.path.exists(options.keep):
        raise SystemExit(f"benchmarks/run: {options.keep} exists")
    with work_folder(options.work) as work:
        dataset = Path(options.keep or work / "dataset").absolute()
        facts = {"machine": report.machine(work), "source": source, "load": report.load()}
        print(facts["machine"])
        print(f"{source}, local[{options.cores}], -Xmx{options.driver_memory}; load {facts['load']}", flush=True)
        facts["fold"] = fold(options, source, dataset, work)
        facts["dataset"] = files_of(dataset)
        print_fold(options, facts)
        facts["read"] = read(options, source, dataset)
        print_read(options, facts["read"])
        facts["loadAtEnd"] = report.load()
        print(f"load at the end {facts['loadAtEnd']}")
        if options.json:
            Path(options.json).write_text(json.dumps(facts, indent=2) + "\n")
        if not options.keep:
            clear(dataset)


def fold(options, source, dataset, work):
    scratch = work / "spark"
    scratch.mkdir()
    settings = [f"spark.local.dir={scratch}", *options.set]
    with Session(f"local[{options.cores}]", options.driver_memory, settings=settings, more=options.jvm) as session:
        sampler = Sampler(session.process.pid, {"scratch": scratch, "dataset": dataset})
        sampler.start()
        start = time.monotonic()
        cpu = cpu_seconds(session.process.pid)
        result = session.fold(source=source, dataset=str(dataset), maxEntries=options.container_entries)
        result["wallSeconds"] = time.monotonic() - start
        result["cpuSeconds"] = cpu_seconds(session.process.pid) - cpu
        result["peaks"] = sampler.stop()
    if result["files"] != options.files or result["looseFiles"]:
        raise SystemExit(f"benchmarks/run: wrong counts: {result}")
    return result


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def print_fold(options, facts):
    result, files = facts["fold"], options.files
    peaks = result["peaks"]
    print(f"  fold: {result['seconds']:.1f} s ({report.phases(result)}), {files / result['seconds']:,.0f} files/s,")
    print(f"    {result['cpuSeconds']:.0f} s of CPU, {result['cpuSeconds'] / files * 1e6:.1f} us a file;")
    print(
        f"    peak RSS {report.mib(result['peakRssBytes'])}, heap after collections at most"
        f" {report.mib(result['peakLiveHeapBytes'])}, longest pause {result['longestPauseMillis']} ms;"
    )
    print(f"    listing tasks: {result['listed']}")
    print(
        f"    scratch at most {report.mib(peaks['scratch'])} ({peaks['scratch'] / files:.0f} B a file),"
        f" with the dataset {report.mib(peaks['all'])} ({peaks['all'] / files:.0f} B a file)"
    )
    print(
        f"  dataset: {result['containers']} containers, index blocks {result['indexBytes'] / files:.2f} B a file,"
        f" payload {result['payloadBytes'] / files:.2f} B a file"
    )
    for folder, has in facts["dataset"].items():
        print(f"    {folder}: {has['files']} files, {has['bytes']:,} B, {has['bytes'] / files:.2f} B a file")


def read(options, source, dataset):
    command = java(
        "ScaleReads",
        source,
        dataset,
        options.lookups,
        options.absent,
        options.reads,
        options.reader_index << 20,
        options.seed,
        options=(
            f"-Xmx{options.reader_memory}",
            f"-XX:MaxDirectMemorySize={options.reader_index + 256}m",
        ),
    )
    return json.loads(run(command).stdout)


def print_read(options, result):
    files = options.files
    print(
        f"  open: {result['openSeconds'] * 1e3:.0f} ms; all {result['indexLoads']} index blocks loaded in"
        f" {result['loadSeconds']:.2f} s, {result['indexBytesRead'] / files:.2f} B a file read,"
        f" {result['offHeapBytes'] / files:.2f} B a file resident off the heap"
    )
    print(
        f"  locate: present {result['presentNanos']:,.0f} ns, absent {result['absentNanos']:,.0f} ns,"
        f" present from two threads {result['presentNanosOfTwoThreads']:,.0f} ns each;"
        f" longest pause {result['longestPauseMillis']} ms, heap after collections at most"
        f" {report.mib(result['liveHeapBytes'])} of -Xmx{options.reader_memory}"
    )
    print(f"  read and compared: {options.reads:,} files, {result['readNanos'] / 1e3:,.1f} us each")
    pages = {name: result[name] for name in ("rootMillis", "trainPageMillis", "partPageMillis") if name in result}
    print("  first pages of 1,000: " + ", ".join(f"{name[:-6]} {value:.2f} ms" for name, value in pages.items()))
    if "partEntriesPerSecond" in result:
        print(f"  one directory of 10^5: {result['partEntriesPerSecond']:,.0f} entries/s")
    print(f"  recursive listing of {result['sweepFiles']:,} files: {result['sweepEntriesPerSecond']:,.0f} entries/s")
    print(f"  reader's peak RSS {report.mib(result['peakRssBytes'])}")
