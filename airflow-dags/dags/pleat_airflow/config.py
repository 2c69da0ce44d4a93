"""Reads the configuration and refuses what it does not understand, naming key and file."""

import os
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import yaml

CONFIG_FILE_VARIABLE = "PLEAT_CONFIG"
AIRFLOW_VARIABLE = "pleat_config"

FLAG, TEXT, NUMBER, TEXTS = "true or false", "a text", "a number", "a list of texts"

# The options of each verb that a dataset may set, by the names that `pleat VERB --help` gives them.
VERB_OPTIONS = {
    "gate": {
        "min-files": NUMBER,
        "min-age": TEXT,
        "files-at-once": NUMBER,
        "parallelism": NUMBER,
        "max-rps": NUMBER,
    },
    "fold": {
        "max-file-size": TEXT,
        "container-size": TEXT,
        "codec": TEXT,
        "include": TEXTS,
        "exclude": TEXTS,
        "strict": FLAG,
        "allow-wider-access": FLAG,
        "parallelism": NUMBER,
        "max-rps": NUMBER,
        "max-bandwidth": TEXT,
    },
    "verify": {"level": TEXT, "parallelism": NUMBER},
    "reclaim": {"grace": TEXT, "skip-trash": FLAG},
    "compact": {"container-size": TEXT, "min-dead": TEXT, "min-small": TEXT},
    "expire": {"keep": NUMBER, "older-than": TEXT, "grace": TEXT},
    "report": {"output": TEXT},
}

# What a dataset does when the configuration does not say.
DEFAULT_VERBS = {"gate": {}, "fold": {}, "verify": {"level": "metadata"}}
WEEKLY = ("compact", "expire")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

DATASET_OPTIONS = {
    "schedule": TEXT,
    "start-date": TEXT,
    "pool": TEXT,
    "retries": NUMBER,
    "retry-delay": TEXT,
    "timeout": TEXT,
    "weekly-on": TEXT,
    "owner": TEXT,
    "tags": TEXTS,
    "on-failure": TEXT,
    "conf": "a mapping",
    "spark-conf": "a mapping",
    "submit": "a mapping",
}
SUBMIT_OPTIONS = {
    "conn-id": TEXT,
    "deploy-mode": TEXT,
    "driver-memory": TEXT,
    "executor-memory": TEXT,
    "executor-cores": NUMBER,
    "num-executors": NUMBER,
    "principal": TEXT,
    "keytab": TEXT,
    "proxy-user": TEXT,
    "yarn-queue": TEXT,
}
TOP_LEVEL = ("application", "command", "defaults", "datasets")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")
SPAN = re.compile(r"(\d{1,9})([smhd])")


class ConfigError(ValueError):
    """The configuration cannot be used; the message names file and key."""


@dataclass(frozen=True)
class Dataset:
    """One dataset as it is to be run; spans of time are parsed, options of verbs are checked by name and kind."""

    name: str
    source: str
    dataset: str
    application: str
    command: tuple
    verbs: dict
    schedule: str | None = "0 2 * * *"
    start_date: datetime = datetime(2026, 1, 1)
    pool: str = "default_pool"
    retries: int = 2
    retry_delay: timedelta = timedelta(minutes=10)
    timeout: timedelta | None = None
    weekly_on: int = 6
    owner: str = "pleat"
    tags: tuple = ()
    on_failure: str | None = None
    conf: dict = field(default_factory=dict)
    spark_conf: dict = field(default_factory=dict)
    submit: dict = field(default_factory=dict)

    def options(self, verb):
        """The verb's options on a command line."""
        words = []
        for name, value in self.verbs.get(verb, {}).items():
            if value is True:
                words.append(f"--{name}")
            elif value is not False:
                for each in value if isinstance(value, list) else [value]:
                    words += [f"--{name}", str(each)]
        return words


def load(folder):
    """The datasets of the file that PLEAT_CONFIG names, else of pleat.yaml in `folder`, else of the Airflow Variable pleat_config."""
    named = os.environ.get(CONFIG_FILE_VARIABLE)
    path = Path(named) if named else Path(folder) / "pleat.yaml"
    if named or path.exists():
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as e:
            raise ConfigError(f"{path}: cannot be read: {e.strerror}") from e
        return parse(text, str(path))
    from airflow.sdk import Variable

    text = Variable.get(AIRFLOW_VARIABLE, default=None)
    if text is None:
        raise ConfigError(
            f"no configuration: set {CONFIG_FILE_VARIABLE}, put {path} there, or set the Airflow Variable {AIRFLOW_VARIABLE}"
        )
    return parse(text, f"Airflow Variable {AIRFLOW_VARIABLE}")


def parse(text, where):
    """The datasets that a YAML text lists."""
    try:
        top = yaml.load(text, Loader=_UniqueKeys)
    except yaml.YAMLError as e:
        raise ConfigError(f"{where}: {_one_line(e)}") from e
    _mapping(top, where, "the whole file")
    _known(top, TOP_LEVEL, where, "")
    application = _required_text(top, "application", where, "")
    command = top.get("command", ["spark-submit", "--master", "local[1]", "--class", "io.pleat.cli.Main", application])
    _check(command, TEXTS, where, "command")
    defaults = top.get("defaults", {})
    _mapping(defaults, where, "defaults")
    _known(defaults, [*DATASET_OPTIONS, *VERB_OPTIONS], where, "defaults.")
    entries = top.get("datasets")
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{where}: datasets: expected a list of at least one dataset, found {_shown(entries)}")
    datasets = []
    for number, entry in enumerate(entries):
        datasets.append(_dataset(entry, defaults, application, command, where, f"datasets[{number}]"))
    for what in ("name", "dataset"):
        seen = {}
        for number, dataset in enumerate(datasets):
            value = getattr(dataset, what).rstrip("/")
            if value in seen:
                raise ConfigError(
                    f"{where}: datasets[{number}].{what}: '{value}' is listed twice, first as datasets[{seen[value]}]"
                )
            seen[value] = number
    return datasets


def _dataset(entry, defaults, application, command, where, key):
    _mapping(entry, where, key)
    _known(entry, ["name", "source", "dataset", *DATASET_OPTIONS, *VERB_OPTIONS], where, key + ".")
    name = _required_text(entry, "name", where, key + ".")
    if not NAME.fullmatch(name):
        raise ConfigError(f"{where}: {key}.name: '{name}' is no name: letters, digits, '_', '-' and '.'")
    given = {}
    for option, kind in DATASET_OPTIONS.items():
        place = f"{key}.{option}" if option in entry else f"defaults.{option}"
        value = entry.get(option, defaults.get(option))
        if value is not None:
            _check(value, kind, where, place)
            given[option] = _converted(option, value, where, place)
        elif option == "schedule" and (option in entry or option in defaults):
            given[option] = None  # schedule: null, for runs by hand
    return Dataset(
        name=name,
        source=_required_text(entry, "source", where, key + "."),
        dataset=_required_text(entry, "dataset", where, key + "."),
        application=application,
        command=tuple(command),
        verbs=_verbs(entry, defaults, where, key),
        **{option.replace("-", "_"): value for option, value in given.items()},
    )


def _verbs(entry, defaults, where, key):
    verbs = {}
    for verb, options in VERB_OPTIONS.items():
        chosen = DEFAULT_VERBS.get(verb)
        for scope, place in ((defaults, "defaults"), (entry, key)):
            if verb not in scope:
                continue
            value = scope[verb]
            if value is False or value is None:
                if verb == "fold":
                    raise ConfigError(f"{where}: {place}.fold: a dataset is always folded")
                chosen = None
                continue
            if value is True:
                value = {}
            _mapping(value, where, f"{place}.{verb}")
            _known(value, options, where, f"{place}.{verb}.")
            for name, given in value.items():
                _check(given, options[name], where, f"{place}.{verb}.{name}")
            chosen = {**(chosen or {}), **value}
        if chosen is not None:
            verbs[verb] = chosen
    if "report" in verbs and "output" not in verbs["report"]:
        raise ConfigError(f"{where}: {key}.report.output is missing")
    return verbs


def _converted(option, value, where, place):
    if option in ("retry-delay", "timeout"):
        match = SPAN.fullmatch(value)
        if not match:
            raise ConfigError(f"{where}: {place}: '{value}' is no span of time, expected one such as 90s, 30m, 6h or 7d")
        unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
        return timedelta(**{unit: int(match[1])})
    if option == "start-date":
        try:
            return datetime.fromisoformat(value)
        except ValueError as e:
            raise ConfigError(f"{where}: {place}: '{value}' is no date, expected one such as 2026-11-26") from e
    if option == "weekly-on":
        if value.lower() not in WEEKDAYS:
            raise ConfigError(f"{where}: {place}: '{value}' is no day of the week, expected one of {', '.join(WEEKDAYS)}")
        return WEEKDAYS.index(value.lower())
    if option == "submit":
        _known(value, SUBMIT_OPTIONS, where, place + ".")
        for name, given in value.items():
            _check(given, SUBMIT_OPTIONS[name], where, f"{place}.{name}")
    return tuple(value) if option == "tags" else value


def _known(mapping, names, where, prefix):
    for name in mapping:
        if name not in names:
            raise ConfigError(f"{where}: unknown key '{prefix}{name}', expected one of {', '.join(names)}")


def _required_text(mapping, name, where, prefix):
    if name not in mapping:
        raise ConfigError(f"{where}: {prefix}{name} is missing")
    _check(mapping[name], TEXT, where, prefix + name)
    return mapping[name]


def _mapping(value, where, key):
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {key}: expected a mapping, found {_shown(value)}")


def _check(value, kind, where, key):
    fits = {
        FLAG: lambda: isinstance(value, bool),
        TEXT: lambda: isinstance(value, str) and value.strip() != "",
        NUMBER: lambda: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        TEXTS: lambda: isinstance(value, list) and all(isinstance(each, str) for each in value),
        "a mapping": lambda: isinstance(value, dict),
    }[kind]
    if not fits():
        raise ConfigError(f"{where}: {key}: expected {kind}, found {_shown(value)}")


def _shown(value):
    return "nothing" if value is None else repr(value)


def _one_line(error):
    return re.sub(r"\s*\n\s*", " ", str(error)).strip()


class _UniqueKeys(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, and leaves dates as texts."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key '{key}' stands twice in one mapping", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
