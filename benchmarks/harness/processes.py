"""Processes: built once, started with a class path, measured from outside."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"


def say(text):
    print(text, file=sys.stderr, flush=True)


def build(skip):
    """Packages the modules that a benchmark starts, and lets bin/pleat prepare itself, so that no timed call does."""
    if skip:
        return
    say("building (mvn package, tests skipped)")
    command = ["mvn", "-B", "-q", "-ntp", "-DskipTests", "-Dspotless.check.skip=true"]
    subprocess.run(command + ["package", "-pl", "benchmarks", "-am"], cwd=ROOT, check=True)
    prepared = ROOT / "compactor-job" / "target" / "pleat" / "built"
    jars = (ROOT / "compactor-job" / "target").glob("pleat-*.jar")
    if prepared.exists() and any(jar.stat().st_mtime > prepared.stat().st_mtime for jar in jars):
        # Its archive of classes holds for one jar only; with another the JVM drops it and starts slowly.
        prepared.unlink()
    subprocess.run([ROOT / "bin" / "pleat", "--version"], stdout=subprocess.DEVNULL, check=True)


def rival_class_path(folder="rivals"):
    """The jars of rivals or of a server, resolved once; a pom of their own keeps them out of Pleat's build."""
    pom = BENCHMARKS / folder / "pom.xml"
    listing = BENCHMARKS / folder / "target" / "class-path"
    if not listing.exists() or listing.stat().st_mtime < pom.stat().st_mtime:
        say(f"resolving the jars of benchmarks/{folder}")
        command = ["mvn", "-B", "-q", "-ntp", "-f", str(pom), "dependency:build-classpath"]
        subprocess.run(command + [f"-Dmdep.outputFile={listing}"], check=True)
    return listing.read_text().strip()


def java(main, *arguments, options=(), server=False):
    """The command of a Java program of the benchmarks. Only the HDFS server gets the mini-cluster's jar, only the others what S3 wants."""
    jars = (BENCHMARKS / "target" / "class-path").read_text().strip().split(":")
    if not server:
        jars = [jar for jar in jars if "minicluster" not in jar]
        whole = (ROOT / "compactor-job" / "target" / "runtime-class-path").read_text().strip().split(":")
        jars += [jar for jar in whole if jar not in jars]
    class_path = ":".join([str(next((BENCHMARKS / "target").glob("benchmarks-*.jar")))] + jars)
    opens = f"@{BENCHMARKS / 'target' / 'classes' / 'java-options'}"
    return ["java", *options, opens, "-cp", class_path, f"io.pleat.bench.{main}", *map(str, arguments)]


def environment():
    return {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "LC_ALL": "C.UTF-8"}


class Outcome:
    def __init__(self, seconds, cpu, peak_rss, stdout):
        self.seconds = seconds
        self.cpu = cpu
        self.peak_rss = peak_rss
        self.stdout = stdout


def run(command, cwd=None, accept=(0,), env=None):
    """Runs a command to its end: wall and processor seconds, and the largest resident set of it and its children, in bytes."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env or environment()
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        stdout = out.read().decode()
        if process.returncode not in accept:
            sys.stderr.write(stdout[-2000:] + err.read().decode()[-6000:])
            sys.exit(f"benchmarks/run: exit code {process.returncode} of: {' '.join(map(str, command))[:2000]}")
        return Outcome(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, stdout)


def cpu_seconds(pid):
    """What a process that still runs has used so far, its ended children not counted."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sync():
    """Everything to disk; returns how long that took."""
    start = time.monotonic()
    os.sync()
    return time.monotonic() - start


def clear(path):
    """Removes a result, and waits until the disk has forgotten it, so that the next run doesn't pay."""
    path = Path(path)
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
    os.sync()


def warm(source):
    """Reads a tree once, so that its pages are cached for both sides, and syncs; returns its files and bytes."""
    files = size = 0
    for folder, _, names in os.walk(source):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as stream:
                while chunk := stream.read(1 << 20):
                    size += len(chunk)
            files += 1
    os.sync()
    return files, size


class Server:
    """A running server: where it is, and what it has used of the processor."""

    def __init__(self, uri, pid):
        self.uri = uri
        self.pid = pid

    def cpu(self):
        return cpu_seconds(self.pid)


class Session:
    """A Spark context that folds on request, in a JVM of bin/pleat's size; see FoldSession.java."""

    def __init__(self, master="local[*]", heap="512m", cores=None, settings=(), more=()):
        """cores: how many of this machine's the process may use, all if not given; settings: Spark's; more: of the JVM."""
        self.log = tempfile.TemporaryFile()
        options = ("-XX:+UseParallelGC", "-Xms64m", f"-Xmx{heap}", "-XX:MaxDirectMemorySize=192m", *more)
        self.process = subprocess.Popen(
            java("FoldSession", master, *settings, options=options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=environment(),
            text=True,
            preexec_fn=cores and (lambda: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])),
        )
        self.started = self.answer()

    def answer(self):
        while line := self.process.stdout.readline():
            if line.startswith("{"):
                return json.loads(line)
        self.log.seek(0)
        sys.stderr.write(self.log.read().decode()[-6000:])
        sys.exit(f"benchmarks/run: the Spark session ended with exit code {self.process.wait()}")

    def fold(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def hdfs_server(folder):
    """A name node and a data node in a JVM of their own; gives a Server."""
    return server("HDFS", java("MiniHdfsServer", Path(folder) / "hdfs", options=("-Xmx1g",), server=True), folder)


def s3_server(folder):
    """An S3 server in a JVM of its own, its objects in memory; gives a Server. s3_settings says how to reach it."""
    source = BENCHMARKS / "s3" / "LocalS3Server.java"
    return server("S3", ["java", "-Xmx6g", "-cp", rival_class_path("s3"), str(source)], folder)


def s3_settings(endpoint):
    """What a client of s3_server needs; its bucket is s3a://data."""
    return {
        "fs.s3a.endpoint": endpoint,
        "fs.s3a.endpoint.region": "us-east-1",
        "fs.s3a.path.style.access": "true",
        "fs.s3a.connection.ssl.enabled": "false",
        "fs.s3a.access.key": "local",
        "fs.s3a.secret.key": "local-secret",
        "fs.s3a.aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
    }


@contextlib.contextmanager
def server(name, command, folder):
    """A process that prints its URI and serves until its standard input ends; gives a Server."""
    with open(Path(folder) / f"{name}.log", "wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment(),
            text=True,
        )
        try:
            uri = process.stdout.readline().strip()
            if "://" not in uri:
                sys.exit(f"benchmarks/run: {name} did not start, see {log.name}: {uri}")
            yield Server(uri, process.pid)
        finally:
            process.stdin.close()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def work_folder(where):
    """A folder for results, removed in the end."""
    Path(where).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pleat-bench-", dir=where) as folder:
        yield Path(folder)
    os.sync()

