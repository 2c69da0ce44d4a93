"""The DAGs as Airflow sees them, and the options as pleat has them. PLEAT_COMMAND is how pleat is called, words between blanks."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "dags"))

from airflow.dag_processing.dagbag import DagBag  # noqa: E402
from pleat_airflow import config  # noqa: E402


def bag(path):
    with mock.patch.dict(os.environ, {"PLEAT_CONFIG": str(path)}):
        return DagBag(dag_folder=str(ROOT / "dags"))


class TestDags(unittest.TestCase):
    def test_the_example_becomes_two_dags(self):
        found = bag(ROOT / "pleat.yaml")
        self.assertEqual(found.import_errors, {})
        self.assertEqual(sorted(found.dags), ["pleat_images", "pleat_logs"])
        images = found.dags["pleat_images"]
        self.assertEqual(
            {task.task_id: sorted(task.downstream_task_ids) for task in images.tasks},
            {
                "gate": ["fold"],
                "fold": ["verify"],
                "verify": ["new_snapshot", "reclaim"],
                "new_snapshot": [],
                "reclaim": ["report", "weekly"],
                "weekly": ["compact", "expire"],
                "compact": ["expire", "report"],
                "expire": ["report"],
                "report": [],
            },
        )
        self.assertEqual(images.max_active_runs, 1)
        self.assertFalse(images.catchup)
        self.assertIn("hdfs://namenode/pleat/images", images.doc_md)
        for task in images.tasks:
            self.assertEqual((task.pool, task.retries), ("pleat", 2), task)
        [asset] = images.get_task("new_snapshot").outlets
        self.assertEqual((asset.name, asset.uri), ("pleat_images", "hdfs://namenode/pleat/images"))
        self.assertNotIn("reclaim", found.dags["pleat_logs"].task_ids)

    def test_a_wrong_configuration_is_an_import_error_that_names_key_and_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "wrong.yaml"
            path.write_text("application: x\ndatasets: [{name: a, source: /b, dataset: /c, fold: {codex: zstd}}]\n")
            [error] = bag(path).import_errors.values()
        self.assertIn(f"{path}: unknown key 'datasets[0].fold.codex'", error)

    def test_every_option_is_one_of_the_verb(self):
        command = os.environ["PLEAT_COMMAND"].split()
        verbs = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
        for verb, options in config.VERB_OPTIONS.items():
            name = {"gate": "pending"}.get(verb, verb)
            self.assertIn(f"\n  {name} ", verbs)
            described = subprocess.run([*command, name, "--help"], capture_output=True, text=True, check=True).stdout
            for option in options:
                self.assertRegex(described, f"--{option}\\b", f"{name} --{option}")


if __name__ == "__main__":
    unittest.main()
