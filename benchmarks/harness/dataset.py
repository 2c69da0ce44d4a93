"""Lookups in a whole dataset with its index resident, beside lookups in one index block; and after many folds."""

import json
import shutil
from pathlib import Path

from harness import report
from harness.index import corpus_file, jvm
from harness.processes import java, run, say

BLOCK_ENTRIES = 1 << 20


def arguments(parser):
    parser.add_argument("--containers", type=int, default=500, help="of the dataset; default: 500")
    parser.add_argument("--entries", type=int, default=2_000_000, help="of the dataset; default: 2000000")
    parser.add_argument("--corpus", default="images-1k", help="kernel, images-1k, images-100k or hex; default: images-1k")
    parser.add_argument("--tree", metavar="FOLDER", help="the kernel's tree, or a list of its paths, for the corpus kernel")
    parser.add_argument("--increments", type=int, default=50, help="folds after the first, of the dataset of many folds; default: 50")
    parser.add_argument("--increment-entries", type=int, default=2_000, help="files that each adds; default: 2000")
    parser.add_argument("--lookups", type=int, default=200_000, help="a round; default: 200000")
    parser.add_argument("--rounds", type=int, default=5, help="that count; default: 5")
    parser.add_argument("--seed", type=int, default=1, help="of the corpora; default: 1")
    parser.add_argument("--heap", default="256m", help="the reader's -Xmx; default: 256m")
    parser.add_argument("--off-heap", default="8g", help="bound on the reader's memory off the heap; default: 8g")
    parser.add_argument("--json", metavar="FILE", help="all figures as JSON")
    parser.set_defaults(mtimes="directory")


def main(options):
    work = Path(options.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    print(report.machine(work))
    print(f"load {report.load()}", flush=True)
    corpus = corpus_file(options, work, options.corpus, options.entries)
    block_corpus = corpus_file(options, work, options.corpus, min(BLOCK_ENTRIES, options.entries))
    dataset = built(options, corpus, options.containers, 0)
    block = built(options, block_corpus, 1, 0)
    folded = built(options, block_corpus, 1, options.increments)
    command = java(
        "index.DatasetLookups",
        dataset,
        queries(corpus),
        block,
        queries(block_corpus),
        folded,
        queries(block_corpus),
        f"{folded}.added",
        options.lookups,
        options.rounds,
        # -Xbatch: see index.py
        options=("-Xbatch", f"-Xmx{options.heap}", f"-XX:MaxDirectMemorySize={options.off_heap}"),
    )
    results = json.loads(run(command).stdout.strip().splitlines()[-1])
    results["load"] = report.load()
    show(options, results)
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n")


def queries(corpus):
    return corpus.with_name(corpus.name + ".queries")


def built(options, corpus, containers, increments):
    """The dataset, built once."""
    folder = corpus.with_name(f"{corpus.name}.{containers}-containers-{increments}-increments")
    done = folder.with_name(folder.name + ".json")
    if not done.exists():
        say(f"building {folder.name}")
        shutil.rmtree(folder, ignore_errors=True)
        facts, _ = jvm(
            "DatasetBuild",
            corpus,
            folder,
            containers,
            increments,
            options.increment_entries,
            options.seed,
            options=options,
            entries=BLOCK_ENTRIES,
        )
        done.write_text(json.dumps(facts))
    return folder


def show(options, results):
    print(
        f"  {options.corpus}, {options.entries:,} entries in {results['containers']:,} containers, all index blocks loaded in"
        f" {results['loadSeconds']:.1f} s; one block of {results['blockEntries']:,} entries. CPU time a lookup, medians of {options.rounds}:"
    )
    for kind, name in (("PRESENT", "present"), ("ABSENT_NAME", "absent name"), ("ABSENT_DIRECTORY", "absent directory")):
        row = results[kind]
        print(
            f"  {name}: dataset {row['dataset']:,.0f} ns, block {row['block']:,.0f} ns, ratio {row['dataset'] / row['block']:.2f};"
            f" garbage {row['garbage']:,.0f} B"
        )
    print(
        f"  two threads: {results['togetherNanos']:,.0f} ns each, one alone {results['aloneNanos']:,.0f} ns:"
        f" {2 * results['aloneNanos'] / results['togetherNanos']:.2f} times the lookups"
    )
    print(
        f"  longest pause {results['longestPauseMillis']} ms, heap after collections at most {report.mib(results['liveHeapBytes'])}"
        f" of -Xmx{options.heap}, off the heap {report.mib(results['offHeapBytes'])}"
    )
    folded = results["afterManyFolds"]
    print(
        f"  after {options.increments} more folds across all keys ({folded['containers']} containers): index blocks searched a lookup:"
        f" {folded['blocksOld']:.4f} of files of the first fold, {folded['blocksAdded']:.4f} of files of the others,"
        f" {folded['blocksAbsent']:.4f} of absent ones; {folded['filtersLoaded']} filters loaded"
    )
    print(
        f"  CPU ns a lookup: {folded['oldNanos']:,.0f} of files of the first fold, {folded['addedNanos']:,.0f} of files of the others, {folded['absentNanos']:,.0f} of absent ones"
    )
    print(f"load at the end {results['load']}")
