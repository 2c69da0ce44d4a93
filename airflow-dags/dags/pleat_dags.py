"""The airflow DAGs of Pleat: one for each dataset that the configuration lists."""

from pleat_airflow.factory import dags

globals().update({dag.dag_id: dag for dag in dags()})
