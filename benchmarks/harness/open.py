"""Opens a dataset whose index pack is mapped, warm; first lookup, first page of a large directory, recursive listing."""

import json
from pathlib import Path

from harness import report
from harness.processes import java, run, work_folder


def arguments(parser):
    parser.add_argument("--entries", type=int, default=1_000_000, help="files of the dataset; default: 1000000")
    parser.add_argument("--runs", type=int, default=300, help="of each figure, for its median; default: 300")
    parser.add_argument("--memory", default="512m", help="the reader's -Xmx; default: 512m")
    parser.add_argument("--json", metavar="FILE", help="all figures as JSON")


def main(options):
    with work_folder(options.work) as work:
        print(report.machine(work))
        print(f"{options.entries:,} entries, -Xmx{options.memory}; load {report.load()}", flush=True)
        command = java("OpenDataset", work, options.entries, options.runs, options=(f"-Xmx{options.memory}",))
        facts = json.loads(run(command).stdout.strip().splitlines()[-1])
        facts["load"] = report.load()
        entries = options.entries
        print(f"{facts['containers']} containers, built in {facts['buildSeconds']:.1f} s; index blocks {facts['indexBytes'] / entries:.1f} B/entry")
        print(f"pack made in {facts['packSeconds']:.2f} s: {facts['packBytes'] / entries:.1f} B/entry")
        rows = [
            ("FoldedDataset.open, pack mapped", "openMicros"),
            ("  without a pack: snapshot and manifest", "openWithoutPackMicros"),
            ("  the pack alone: footer and table, mapping", "mapPackMicros"),
            ("  and footer and section table of every block", "mapPackAndEachBlockMicros"),
            ("first lookup after it", "firstLookupMicros"),
            ("first 1,000 of the large directory after it", "firstPageMicros"),
            ("lookup, mean", "lookupMicros"),
            ("first 1,000 of the large directory, warm", "warmPageMicros"),
        ]
        for text, name in rows:
            print(f"  {text:48} {facts[name]:10,.1f} us")
        print(f"  {'recursive listing':48} {facts['listEntriesPerSecond']:10,.0f} entries/s")
        print(f"index blocks loaded from containers: {facts['indexLoads']}; load at the end {facts['load']}")
        if options.json:
            Path(options.json).write_text(json.dumps(facts, indent=2) + "\n")
