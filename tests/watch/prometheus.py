"""A real Prometheus, as deploy/prometheus configures it, that scrapes one daemon; and promtool.

Knows Prometheus' command line and its HTTP API. Does not know what the metrics mean.
"""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from siaga112.lab.ports import pick
from siaga112.lab.processes import Process
from siaga112.lab.recipes import INSTRUMENTS
from siaga112.lab.root import ensure_root
from siaga112.lab.sandbox import Sandbox
from siaga112.lab.waiting import until

FILES = Path(__file__).resolve().parent.parent.parent / "deploy" / "prometheus"
EVERY = 0.5
"""Seconds between two scrapes, in place of the five that the product's configuration asks for."""


def promtool(*words: str, folder: Path = FILES) -> str:
    """What promtool says of files in a folder.

    Raises:
        AssertionError: it finds fault with them.
    """
    inside = "/run/rules"
    sandbox = Sandbox(ensure_root(recipe=INSTRUMENTS).fs, readable=((folder, inside),))
    argv = sandbox.argv(["promtool", *(one.replace("@", inside) for one in words)])
    done = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


class Prometheus:
    """Runs while the context is open."""

    def __init__(self, folder: Path, daemon: str) -> None:
        self._folder = folder
        self._daemon = daemon.removeprefix("http://")
        self._process: Process | None = None
        self.url = f"http://127.0.0.1:{pick()}"

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        shutil.copy(FILES / "alerts.yml", self._folder)
        written = (FILES / "prometheus.yml").read_text(encoding="utf-8")
        assert '"127.0.0.1:8112"' in written
        assert "scrape_interval: 5s" in written
        mine = written.replace("127.0.0.1:8112", self._daemon)
        mine = mine.replace("_interval: 5s", f"_interval: {round(EVERY * 1000)}ms")
        (self._folder / "prometheus.yml").write_text(mine)
        command = [
            "prometheus",
            f"--config.file={self._folder}/prometheus.yml",
            f"--storage.tsdb.path={self._folder}/data",
            f"--web.listen-address={self.url.removeprefix('http://')}",
        ]
        sandbox = Sandbox(ensure_root(recipe=INSTRUMENTS).fs)
        log = self._folder / "prometheus.log"
        self._process = Process.inside("prometheus", sandbox, command, log, same_path=[self._folder])
        until("Prometheus", self._ready, self._process, patience=60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.stop()

    def ask(self, query: str) -> dict[tuple[str, ...], float]:
        """What a query finds now: by the values of its labels (in the order of their names) the number."""
        found = self.get("query", query=query)["result"]
        named = {
            tuple(str(value) for name, value in sorted(one["metric"].items()) if name not in _ALWAYS): one
            for one in found
        }
        return {labels: float(one["value"][1]) for labels, one in named.items()}

    def get(self, what: str, **parameters: str) -> Any:
        """The data of an answer of its API.

        Raises:
            AssertionError: it does not understand the question.
        """
        address = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {json.load(error).get('error')}") from None

    def scraped_since(self, moment: float) -> bool:
        """Whether a scrape began after a moment (Unix time), and went well."""
        stamps = self.get("query", query="timestamp(up) and up == 1")["result"]
        return bool(stamps) and all(float(one["value"][1]) > moment for one in stamps)

    def wait_for_scrape(self, patience: float = 30.0) -> None:
        """Return when what is true now has been scraped."""
        now, deadline = time.time(), time.monotonic() + patience
        while not self.scraped_since(now):
            assert time.monotonic() < deadline, "nothing was scraped"
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


_ALWAYS = {"__name__", "instance", "job"}
