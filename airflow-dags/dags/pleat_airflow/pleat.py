"""Calls pleat where the task runs, for answers as JSON: no Spark job, no cluster."""

import json
import logging
import subprocess

from airflow.sdk.exceptions import AirflowException

log = logging.getLogger(__name__)

NO_DATASET = "no dataset is here"


class PleatFailed(AirflowException):
    """A call failed; the message is what pleat said."""


def call(dataset, *arguments):
    """Standard output of `pleat ARGUMENTS`; its messages go to the log."""
    words = [*dataset.command, *arguments]
    for name, value in dataset.conf.items():
        words += ["--conf", f"{name}={value}"]
    log.info("pleat %s", " ".join(arguments))
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as e:
        raise PleatFailed(f"{words[0]} does not start: {e.strerror}; see 'command' in the configuration") from e
    said = [line for line in done.stderr.splitlines() if line.startswith("pleat: ")]
    for line in said:
        log.info(line)
    if done.returncode != 0:
        why = said[-1] if said else "\n".join(done.stderr.splitlines()[-20:])
        raise PleatFailed(f"pleat {arguments[0]} ended with {done.returncode}: {why}")
    return done.stdout


def pending(dataset):
    """How many files wait, and whether a fold is worth it."""
    selection = {
        name: value for name, value in dataset.verbs["fold"].items() if name in ("max-file-size", "include", "exclude")
    }
    words = dataset.options("gate")
    for name, value in selection.items():
        for each in value if isinstance(value, list) else [value]:
            words += [f"--{name}", str(each)]
    return json.loads(call(dataset, "pending", "--json", *words, dataset.source, dataset.dataset))


def runs(dataset, verb):
    """The records of the last runs of a verb, newest first; none where no dataset is yet."""
    try:
        lines = call(dataset, "runs", "--json", "--verb", verb, "--last", "50", dataset.dataset)
    except PleatFailed as e:
        if NO_DATASET in str(e):
            return []
        raise
    return [json.loads(line) for line in lines.splitlines()]
