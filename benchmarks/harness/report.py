"""What a benchmark prints: the machine, each run, medians, ratios."""

import os
import platform
import re
import statistics
import subprocess
from pathlib import Path


def machine(*paths):
    """One line: processor, memory, kernel, JDK, and the file system of each path."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            model = re.sub(r"\s+|\(R\)|\(TM\)", " ", line.split(":", 1)[1]).replace("  ", " ").strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    jdk = re.search(r'version "([^"]+)"', version)
    systems = sorted({file_system(path) for path in paths})
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model}), {memory:.0f} GiB, {platform.system()}"
        f" {re.match(r'[0-9.]+', platform.release()).group().rstrip('.')}, JDK {jdk.group(1) if jdk else '?'}"
        + (f", {' and '.join(systems)}" if systems else "")
    )


def file_system(path):
    path = os.path.realpath(path)
    best = ("", "unknown file system")
    mounts = Path("/proc/mounts")
    for line in mounts.read_text().splitlines() if mounts.exists() else ():
        point, kind = line.split()[1:3]
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) > len(best[0]):
            best = (point, kind)
    return best[1]


def load():
    """Load average of the last minute: results taken beside other work are worth less."""
    return f"{os.getloadavg()[0]:.2f}"


class Table:
    """Named sides, each with its runs; rate in files/s, or in another unit a second."""

    def __init__(self, unit="files"):
        self.unit = unit
        self.runs = {}

    def add(self, side, files, seconds, **more):
        self.runs.setdefault(side, []).append((files / seconds, seconds, more))
        extra = "".join(f", {name} {value}" for name, value in more.items())
        print(f"  {side}: {files / seconds:,.0f} {self.unit}/s, {seconds:.2f} s{extra}", flush=True)

    def median(self, side):
        return statistics.median(rate for rate, _, _ in self.runs[side])

    def print(self, rival):
        """Medians, and each side's ratio to the rival's median."""
        print()
        width = max(len(side) for side in self.runs)
        for side, runs in self.runs.items():
            rates = [rate for rate, _, _ in runs]
            ratio = f"  {self.median(side) / self.median(rival):.2f}x" if side != rival else ""
            print(
                f"{side:<{width}}  median {self.median(side):>10,.0f} {self.unit}/s"
                f"  ({min(rates):,.0f} to {max(rates):,.0f}, {len(runs)} runs){ratio}"
            )


def mib(size):
    return f"{size / 2**20:,.0f} MiB"


def phases(result):
    return " ".join(f"{name} {seconds:.2f}" for name, seconds in result["phases"].items())
