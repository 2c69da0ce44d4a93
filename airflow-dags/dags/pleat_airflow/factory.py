"""Makes one DAG for each dataset of the configuration."""

import importlib
import json
import logging
from datetime import datetime, timezone
from pathlib import Path

from airflow.providers.standard.operators.python import PythonOperator, ShortCircuitOperator
from airflow.sdk import DAG, Asset, Param, TriggerRule
from airflow.sdk.exceptions import AirflowSkipException

from pleat_airflow import config, pleat
from pleat_airflow.operators import PleatOperator

log = logging.getLogger(__name__)

GATE, FOLD, VERIFY, NEW_SNAPSHOT = "gate", "fold", "verify", "new_snapshot"
RECLAIM, WEEKLY, COMPACT, EXPIRE, REPORT = "reclaim", "weekly", "compact", "expire", "report"


def dags(folder=None):
    """The DAGs; `folder` is where pleat.yaml is looked for, that of the DAG file by default."""
    return [dag(dataset) for dataset in config.load(folder or Path(__file__).parent.parent)]


def asset(dataset):
    """What a DAG that needs the newest snapshot is scheduled on."""
    uri = dataset.dataset if "://" in dataset.dataset else "file://" + dataset.dataset
    return Asset(name=f"pleat_{dataset.name}", uri=uri)


def dag(dataset):
    with DAG(
        dag_id=f"pleat_{dataset.name}",
        description=f"Folds {dataset.source} into {dataset.dataset}",
        doc_md=_documentation(dataset),
        schedule=dataset.schedule,
        start_date=dataset.start_date.replace(tzinfo=dataset.start_date.tzinfo or timezone.utc),
        catchup=False,
        max_active_runs=1,
        max_active_tasks=1,
        dagrun_timeout=dataset.timeout,
        tags={"pleat", *dataset.tags},
        params={
            "force": Param(False, type="boolean", description="Fold whatever the gate says"),
            "weekly": Param(False, type="boolean", description="Do the weekly work today"),
        },
        on_failure_callback=_failure_callback(dataset),
        default_args={
            "owner": dataset.owner,
            "pool": dataset.pool,
            # Every verb can be run again: what an interrupted run committed stays, what it did not is done then.
            "retries": dataset.retries,
            "retry_delay": dataset.retry_delay,
            "depends_on_past": False,
        },
    ) as made:
        _chain(dataset)
    return made


def _chain(dataset):
    both = [dataset.source, dataset.dataset]
    last = None
    if "gate" in dataset.verbs:
        last = ShortCircuitOperator(
            task_id=GATE,
            doc_md="Goes on only if enough files wait: `pleat pending`.",
            python_callable=_gate,
            op_args=[dataset],
            ignore_downstream_trigger_rules=False,
            show_return_value_in_logs=False,
        )
    # A file that is left loose fails no task: it is shown, and the next fold takes it.
    fold = _verb(dataset, FOLD, ["--json", "--loose-ok", *dataset.options("fold"), *both], True)
    last = _then(last, fold)
    if "verify" in dataset.verbs:
        last = _then(last, _verb(dataset, VERIFY, [*dataset.options("verify"), dataset.dataset], False))
    _then(
        last,
        PythonOperator(
            task_id=NEW_SNAPSHOT,
            doc_md="Tells whoever waits for the asset that there is a new snapshot; skipped if there is none.",
            python_callable=_announce,
            op_args=[dataset],
            outlets=[asset(dataset)],
        ),
    )
    # What follows is also done in nights in which nothing was folded, but never behind a failure.
    if "reclaim" in dataset.verbs:
        last = _then(last, _verb(dataset, RECLAIM, ["--json", *dataset.options("reclaim"), *both], True, TriggerRule.NONE_FAILED))
    done = [last]
    if any(verb in dataset.verbs for verb in config.WEEKLY):
        weekly = ShortCircuitOperator(
            task_id=WEEKLY,
            doc_md="Goes on to the weekly verbs on their day only.",
            python_callable=_is_weekly,
            op_args=[dataset],
            ignore_downstream_trigger_rules=False,
            trigger_rule=TriggerRule.NONE_FAILED,
        )
        last = _then(last, weekly)
        for verb in config.WEEKLY:
            if verb in dataset.verbs:
                task = _verb(dataset, verb, ["--json", *dataset.options(verb), dataset.dataset], True, TriggerRule.NONE_FAILED)
                weekly >> task
                last = task if last is weekly else _then(last, task)
                done.append(task)
    if "report" in dataset.verbs:
        report = _verb(dataset, REPORT, [dataset.dataset, *dataset.options("report")], False, TriggerRule.NONE_FAILED)
        done >> report


def _then(first, second):
    if first is not None:
        first >> second
    return second


def _verb(dataset, verb, arguments, leaves_record, trigger_rule=TriggerRule.ALL_SUCCESS):
    return PleatOperator(
        task_id=verb,
        doc_md=f"`pleat {verb}`",
        dataset=dataset,
        verb=verb,
        arguments=arguments,
        leaves_record=leaves_record,
        trigger_rule=trigger_rule,
    )


def _gate(dataset, params, ti):
    counted = pleat.pending(dataset)
    ti.xcom_push(key="pending", value=counted)
    log.info("%s: %s", "fold" if counted["fold"] else "wait", counted["reason"])
    if params["force"] and not counted["fold"]:
        log.info("folding all the same: this run is forced")
    return counted["fold"] or params["force"]


def _is_weekly(dataset, params, dag_run):
    day = (dag_run.logical_date or datetime.now(timezone.utc)).weekday()
    log.info("today is %s, the weekly work is done on %s", config.WEEKDAYS[day], config.WEEKDAYS[dataset.weekly_on])
    return params["weekly"] or day == dataset.weekly_on


def _announce(dataset, ti, outlet_events):
    folded = ti.xcom_pull(task_ids=FOLD)
    if not folded or folded["outcome"] != "committed":
        raise AirflowSkipException("no new snapshot")
    outlet_events[asset(dataset)].extra = {name: folded[name] for name in ("version", "runId", "newFiles") if name in folded}
    log.info("version %s of %s", folded.get("version"), dataset.dataset)


def _failure_callback(dataset):
    if dataset.on_failure is None:
        return _say_failure
    module, _, function = dataset.on_failure.rpartition(".")

    def call(context):
        getattr(importlib.import_module(module), function)(context)

    return call


def _say_failure(context):
    log.error("the run %s of %s failed: %s", context.get("run_id"), context["dag"].dag_id, context.get("reason"))


def _documentation(dataset):
    lines = [
        f"Folds the small files of `{dataset.source}` into `{dataset.dataset}`.",
        "",
        "| step | options |",
        "|---|---|",
    ]
    for verb, options in dataset.verbs.items():
        shown = ", ".join(f"`{name}`: `{json.dumps(value)}`" for name, value in options.items())
        lines.append(f"| {verb} | {shown or 'defaults'} |")
    lines += [
        "",
        "Each task can be cleared and run again at any time: what was done is found done. The outcome of a run is in the XCom of its task and in "
        "`_pleat/runs` of the dataset. Run it with *force* to fold whatever the gate says, with *weekly* to do the weekly work today.",
        "",
        f"A new snapshot is the asset `pleat_{dataset.name}`.",
    ]
    return "\n".join(lines)
