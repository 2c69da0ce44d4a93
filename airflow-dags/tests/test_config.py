"""What the configuration refuses, and how it says so."""

import os
import sys
import unittest
from datetime import timedelta
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "dags"))

from pleat_airflow import config  # noqa: E402

ONE = """
application: /opt/pleat.jar
datasets:
  - name: images
    source: /data/images
    dataset: /pleat/images
"""


class TestConfig(unittest.TestCase):
    def parse(self, text):
        return config.parse(text, "pleat.yaml")

    def refused(self, text, *expected):
        with self.assertRaises(config.ConfigError) as refusal:
            self.parse(text)
        self.assertTrue(str(refusal.exception).startswith("pleat.yaml: "), refusal.exception)
        for part in expected:
            self.assertIn(part, str(refusal.exception))

    def test_defaults(self):
        [dataset] = self.parse(ONE)
        self.assertEqual(dataset.schedule, "0 2 * * *")
        self.assertEqual(dataset.verbs, {"gate": {}, "fold": {}, "verify": {"level": "metadata"}})
        self.assertEqual(dataset.retry_delay, timedelta(minutes=10))
        self.assertEqual(dataset.command[-2:], ("io.pleat.cli.Main", "/opt/pleat.jar"))

    def test_a_dataset_overrides_the_defaults_key_by_key(self):
        [dataset] = self.parse(
            ONE
            + "    fold: {codec: zstd, exclude: ['*.tmp', _in], strict: true}\n"
            + "    reclaim: {grace: 3d}\n    gate: false\n    schedule: null\n"
            + "defaults: {fold: {container-size: 2GiB, codec: none}, retry-delay: 90s, weekly-on: Monday}\n"
        )
        self.assertEqual(
            dataset.options("fold"),
            ["--container-size", "2GiB", "--codec", "zstd", "--exclude", "*.tmp", "--exclude", "_in", "--strict"],
        )
        self.assertEqual(dataset.options("reclaim"), ["--grace", "3d"])
        self.assertNotIn("gate", dataset.verbs)
        self.assertIsNone(dataset.schedule)
        self.assertEqual(dataset.retry_delay, timedelta(seconds=90))
        self.assertEqual(dataset.weekly_on, 0)

    def test_unknown_keys_are_named_with_their_place(self):
        self.refused(ONE + "pool: x\n", "unknown key 'pool'")
        self.refused(ONE + "    sorce: x\n", "unknown key 'datasets[0].sorce'")
        self.refused(ONE + "    fold: {codecs: zstd}\n", "unknown key 'datasets[0].fold.codecs'", "codec")
        self.refused(ONE + "    submit: {queue: x}\n", "unknown key 'datasets[0].submit.queue'")
        self.refused(ONE + "defaults: {source: x}\n", "unknown key 'defaults.source'")
        self.refused(ONE + "defaults: {gate: {files: 3}}\n", "unknown key 'defaults.gate.files'")

    def test_a_dataset_listed_twice_is_refused(self):
        again = ONE + "  - {name: images, source: /a, dataset: /b}\n"
        self.refused(again, "datasets[1].name: 'images' is listed twice, first as datasets[0]")
        again = ONE + "  - {name: other, source: /a, dataset: /pleat/images/}\n"
        self.refused(again, "datasets[1].dataset: '/pleat/images' is listed twice, first as datasets[0]")

    def test_wrong_values_are_refused(self):
        self.refused(ONE + "    retries: two\n", "datasets[0].retries: expected a number, found 'two'")
        self.refused(ONE + "    retries: true\n", "datasets[0].retries: expected a number, found True")
        self.refused(ONE + "    retry-delay: 10 minutes\n", "'10 minutes' is no span of time")
        self.refused(ONE + "    fold: false\n", "datasets[0].fold: a dataset is always folded")
        self.refused(ONE + "    fold: {strict: yes please}\n", "datasets[0].fold.strict: expected true or false")
        self.refused(ONE + "    fold: {exclude: '*.tmp'}\n", "datasets[0].fold.exclude: expected a list of texts")
        self.refused(ONE + "    weekly-on: someday\n", "'someday' is no day of the week")
        self.refused(ONE + "    start-date: 26.11.2026\n", "'26.11.2026' is no date")
        self.refused(ONE + "    report: {}\n", "datasets[0].report.output is missing")
        self.refused(ONE.replace("name: images", "name: a b"), "'a b' is no name")

    def test_what_is_missing_is_named(self):
        self.refused(ONE.replace("application: /opt/pleat.jar", ""), "application is missing")
        self.refused(ONE.replace("    source: /data/images\n", ""), "datasets[0].source is missing")
        self.refused("application: x\n", "datasets: expected a list of at least one dataset, found nothing")
        self.refused("", "the whole file: expected a mapping, found nothing")

    def test_what_is_no_yaml_is_refused(self):
        self.refused(ONE + "  - {name: [\n", "line")
        self.refused(ONE + "    name: again\n", "key 'name' stands twice in one mapping")

    def test_dates_stay_texts(self):
        [dataset] = self.parse(ONE + "    start-date: 2026-03-01\n")
        self.assertEqual(dataset.start_date.isoformat(), "2026-03-01T00:00:00")

    def test_the_file_that_is_named_must_be_there(self):
        with mock.patch.dict(os.environ, {"PLEAT_CONFIG": "/no/such.yaml"}):
            with self.assertRaisesRegex(config.ConfigError, "^/no/such.yaml: cannot be read: No such file"):
                config.load(ROOT)

    def test_the_example_is_good(self):
        names = [dataset.name for dataset in config.parse((ROOT / "pleat.yaml").read_text(), "pleat.yaml")]
        self.assertEqual(names, ["images", "logs"])


if __name__ == "__main__":
    unittest.main()
