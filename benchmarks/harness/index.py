"""The index block beside other structures and rivals: bytes, builds, lookups, listings."""

import json
import shutil
import statistics
from pathlib import Path

from harness import report
from harness.processes import java, run, say

OURS = "pleat"
CANDIDATES = [
    OURS,
    "front-coded",
    "hash-slots",
    "perfect-hash",
    "function-8",
    "function-16",
    "function-32",
    "function-16-print",
    "function-16-no-crc",
    "symbols-16",
    "fst",
    "sorted-hashes",
]
RIVALS = ["hashmap", "rocksdb", "sqlite", "mapfile", "har"]
CORPORA = ["kernel", "images-1k", "images-100k", "hex"]
LOOKUPS = ["copyOfPath", "present", "presentWithExtent", "presentHot", "absentName", "absentDirectory"]

# Hadoop's client holds an archive's index on the heap, and is slow to fill it.
MOST_ENTRIES = {"har": 1_000_000}
ON_HEAP = ["fst", *RIVALS]
HEAP_AN_ENTRY = {"hashmap": 500, "har": 2000}


def arguments(parser):
    parser.add_argument("--entries", type=int, default=1_000_000, help="of each corpus; default: 1000000")
    parser.add_argument("--corpora", default="kernel,images-1k", help=f"of {','.join(CORPORA)}; default: the first two")
    parser.add_argument("--candidates", default="all", help=f"of {','.join(CANDIDATES + RIVALS)}; default: all")
    parser.add_argument("--tree", metavar="FOLDER", help="the kernel's tree (examples/corpora/kernel-tree.sh), or a list of its paths")
    parser.add_argument("--mtimes", choices=["directory", "random"], default="directory", help="one a directory, or one a file; default: directory")
    parser.add_argument("--seed", type=int, default=1, help="of the corpora; default: 1")
    parser.add_argument("--runs", type=int, default=2, help="processes that measure each candidate; default: 2")
    parser.add_argument("--warmups", type=int, default=8, help="iterations before those that count; default: 8")
    parser.add_argument("--iterations", type=int, default=8, help="that count; default: 8")
    parser.add_argument("--millis", type=int, default=200, help="of an iteration; default: 200")
    parser.add_argument("--lookups", default=",".join(LOOKUPS), help="default: all")
    parser.add_argument("--compressed", action="store_true", help="also compress sections as zstd -3 would")
    parser.add_argument("--rebuild", action="store_true", help="build anew what the work folder holds")


def main(options):
    names = CANDIDATES + RIVALS if options.candidates == "all" else options.candidates.split(",")
    work = Path(options.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    print(report.machine(work))
    for corpus in options.corpora.split(","):
        rows = {}
        for name in names:
            entries = min(options.entries, MOST_ENTRIES.get(name, options.entries))
            rows[name] = measure(options, work, corpus, name, entries)
            say(f"{corpus} {name}: {line(rows[name])}")
            keep(work / f"index-{options.entries}-{options.mtimes}.json", corpus, name, rows[name])
        show(corpus, options.entries, rows)


def keep(out, corpus, name, row):
    known = json.loads(out.read_text()) if out.exists() else {}
    known.setdefault(corpus, {})[name] = row
    out.write_text(json.dumps(known, indent=1) + "\n")


def jvm(main, *arguments, options, name="", entries=0):
    heap = (2 << 10) + (entries * HEAP_AN_ENTRY.get(name, 64) >> 20)
    temporary = Path(options.work).resolve() / "tmp"
    temporary.mkdir(exist_ok=True)
    # -Xbatch: on a busy machine the compiler's threads starve, and interpreted code would be measured.
    flags = ("-XX:+UseSerialGC", "-Xbatch", f"-Xmx{heap}m", f"-Djava.io.tmpdir={temporary}", "-Djmh.ignoreLock=true")
    outcome = run(java(f"index.{main}", *arguments, options=flags))
    return json.loads(outcome.stdout.strip().splitlines()[-1]), outcome


def corpus_file(options, work, corpus, entries):
    """The corpus, generated once."""
    file = work / f"{corpus}-{entries}-{options.mtimes}-{options.seed}"
    if not file.with_suffix(".json").exists():
        if corpus == "kernel" and not options.tree:
            raise SystemExit("benchmarks/run index: the kernel corpus needs --tree")
        say(f"generating {file.name}")
        facts, _ = jvm(
            "IndexCorpus",
            corpus,
            entries,
            Path(options.tree).resolve() if options.tree else ".",
            options.mtimes.upper(),
            options.seed,
            file,
            options=options,
            entries=entries,
        )
        file.with_suffix(".json").write_text(json.dumps(facts))
    return file


def built(options, work, corpus, name, entries, file):
    """Builds a candidate, or finds it built; what that took."""
    folder = work / f"{file.name}.{name}"
    facts = folder / "build.json"
    if options.rebuild or not facts.exists():
        shutil.rmtree(folder, ignore_errors=True)
        result, outcome = jvm("IndexBuild", name, file, folder, options=options, name=name, entries=entries)
        result["peak"] = outcome.peak_rss
        result["load"] = report.load()
        facts.write_text(json.dumps(result))
    return folder, json.loads(facts.read_text())


def measure(options, work, corpus, name, entries):
    file = corpus_file(options, work, corpus, entries)
    folder, build = built(options, work, corpus, name, entries, file)
    runs = []
    for turn in range(options.runs):
        result, outcome = jvm(
            "IndexMeasure",
            name,
            file,
            folder,
            options.warmups,
            options.iterations,
            options.millis,
            "|".join(options.lookups.split(",")),
            "yes" if options.compressed and turn == 0 else "no",
            options=options,
            name=name,
            entries=entries,
        )
        if result["wrong"]:
            say(f"{name} gave {result['wrong']:.0f} wrong answers")
        result["peak"] = outcome.peak_rss
        result["load"] = report.load()
        runs.append(result)
    for one in runs:
        for kind in ("nanos", "wall"):
            one[kind] = {key.split()[1]: one[key] for key in one if key.startswith(kind + " ")}
    nanos = {key: statistics.median(one["nanos"][key] for one in runs) for key in runs[0]["nanos"]}
    first = runs[0]
    resident = dict(first["resident"])
    if name in ON_HEAP:
        resident["heap"] = first["heap"]
    return {
        "entries": entries,
        "buildPerSecond": entries / max(1e-9, build["seconds"] - (0 if name == "hashmap" else build["reading"])),
        "buildPeak": build["peak"],
        "openMillis": min(one["openMillis"] for one in runs),
        "nanos": nanos,
        "listedPerSecond": max(one["listedPerSecond"] for one in runs),
        "resident": {key: value / entries for key, value in resident.items()},
        "atRest": {key: value / entries for key, value in first["atRest"].items()},
        "compressed": {key: value / entries for key, value in first["compressed"].items()},
        "wrong": first["wrong"],
        "runs": [{"nanos": one["nanos"], "wall": one["wall"], "load": one["load"]} for one in runs],
    }


def line(row):
    nanos = row["nanos"]
    return (
        f"{sum(row['atRest'].values()):.2f} B at rest, {sum(row['resident'].values()):.2f} resident, "
        f"{row['buildPerSecond'] / 1e6:.2f} M/s built, "
        + ", ".join(f"{key} {value:.0f}" for key, value in nanos.items())
    )


def packed(row):
    """Bytes an entry with names and sizes compressed; the lookup structure stays as it is."""
    if not row["compressed"]:
        return None
    rest = sum(value for key, value in row["atRest"].items() if not key.startswith("groups"))
    return sum(row["compressed"].values()) + rest


def show(corpus, entries, rows):
    print(f"\n{corpus}, {entries:,} entries; CPU ns a lookup by a new byte[], of which copying it takes `copy`; load {report.load()}")
    head = ["", "at rest", "zstd", "resident", "build/s", "peak MiB", "open ms", "copy", "present", "+extent", "hot"]
    head += ["absent name", "absent dir", "2 threads", "x", "list/s", "to ours"]
    table = [head]
    ours = rows.get(OURS, {}).get("nanos", {}).get("present1")
    for name, row in rows.items():
        nanos = row["nanos"]

        def ns(key):
            return f"{nanos[key]:,.0f}" if key in nanos else ""

        both = nanos.get("present1", 0) * 2 / nanos["present2"] if "present2" in nanos else 0
        compressed = packed(row)
        table.append([
            name if row["entries"] == entries else f"{name} ({row['entries']:,})",
            f"{sum(row['atRest'].values()):.2f}",
            f"{compressed:.2f}" if compressed else "",
            f"{sum(row['resident'].values()):.2f}",
            f"{row['buildPerSecond']:,.0f}",
            f"{row['buildPeak'] / 2**20:,.0f}",
            f"{row['openMillis']:,.2f}",
            ns("copyOfPath1"),
            ns("present1"),
            ns("presentWithExtent1"),
            ns("presentHot1"),
            ns("absentName1"),
            ns("absentDirectory1"),
            ns("present2"),
            f"{both:.2f}",
            f"{row['listedPerSecond']:,.0f}" if row["listedPerSecond"] else "",
            f"{nanos['present1'] / ours:.2f}" if ours and "present1" in nanos else "",
        ])
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    for row in table:
        print("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))))
    print("\nbytes an entry, by section")
    for name, row in rows.items():
        parts = ", ".join(f"{key} {value:.2f}" for key, value in row["atRest"].items())
        more = ", ".join(f"{key} {value:.2f}" for key, value in row["compressed"].items())
        heap = f"; heap {row['resident']['heap']:.2f}" if "heap" in row["resident"] else ""
        print(f"  {name}: {parts}{heap}" + (f"; as zstd {more}" if more else ""))
