"""The operator of all verbs."""

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

from pleat_airflow import pleat

MAIN_CLASS = "io.pleat.cli.Main"


class PleatOperator(SparkSubmitOperator):
    """
    Runs one verb by spark-submit. The outcome is the record that the run left in the dataset, not the exit code, which tells an operator no
    more than zero or not: it is logged, and returned to XCom.

    :param dataset: whose verb it is
    :param verb: such as fold
    :param arguments: behind the verb
    :param leaves_record: whether the verb writes a record of its run
    """

    def __init__(self, *, dataset, verb, arguments, leaves_record, **kwargs):
        submit = {name.replace("-", "_"): value for name, value in dataset.submit.items()}
        words = [verb, *arguments]
        for name, value in dataset.conf.items():
            words += ["--conf", f"{name}={value}"]
        super().__init__(
            application=dataset.application,
            java_class=MAIN_CLASS,
            application_args=words,
            name=f"pleat-{verb}-{dataset.name}",
            conf=dict(dataset.spark_conf),
            **submit,
            **kwargs,
        )
        self.pleat_dataset = dataset
        self.verb = verb
        self.leaves_record = leaves_record

    def execute(self, context):
        if not self.leaves_record:
            super().execute(context)
            return None
        before = {run["runId"] for run in pleat.runs(self.pleat_dataset, self.verb)}
        super().execute(context)
        mine = [run for run in pleat.runs(self.pleat_dataset, self.verb) if run["runId"] not in before]
        if not mine:
            self.log.info("%s left no record", self.verb)
            return None
        if len(mine) > 1:
            self.log.warning("%d runs of %s ended meanwhile, the last one is shown", len(mine), self.verb)
        return self._summary(mine[0])

    def _summary(self, run):
        report = run.get("report", {})
        summary = {"runId": run["runId"], "outcome": run.get("outcome"), **report}
        self.log.info("%s: %s, record _pleat/runs/%s.json", self.verb, run.get("outcome"), run["runId"])
        for reason, files in (report.get("looseByReason") or {}).items():
            self.log.warning("%s files left loose: %s", files, reason)
        for what, files in (report.get("notKept") or {}).items():
            self.log.warning("%s not kept: %s", files, what)
        return summary
