#!/usr/bin/env python3
"""Makes a static site of the project's Markdown pages: build.py FOLDER. Needs what requirements.lock names."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs", "airflow-dags", "examples", "benchmarks")
SHOWN = {".md", ".sql", ".py", ".json", ".png", ".svg", ".java", ".yaml", ".lock", ".txt", ""}
LEFT_OUT = {"target", "site", "__pycache__"}


def stage(pages: Path) -> None:
    """Copies the pages, and the files that they link to, as they lie in the repository: the links between them then hold."""

    def left_out(folder: str, names: list[str]) -> list[str]:
        return [
            name
            for name in names
            if name in LEFT_OUT or ((Path(folder) / name).is_file() and Path(name).suffix not in SHOWN)
        ]

    for name in PAGES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, pages / name, ignore=left_out)
        else:
            pages.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, pages / name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder that is not there yet; the site is in its html")
    folder = parser.parse_args().folder.absolute()
    if folder.exists():
        parser.error(f"{folder} exists already")
    stage(folder / "pages")
    shutil.copy(HERE / "mkdocs.yml", folder)
    return subprocess.call([sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", folder / "mkdocs.yml"])


if __name__ == "__main__":
    sys.exit(main())
