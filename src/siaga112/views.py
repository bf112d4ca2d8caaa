"""`siaga112 agents` and `siaga112 calls`: the running daemon, asked over its own API, as tables."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from siaga112.config import load_settings
from siaga112.errors import Siaga112Error


def show_agents(config: Path) -> None:
    """Print who is in what state.

    Raises:
        Siaga112Error: the daemon does not answer.
    """
    table = Table("agent", "name", "phone", "state", "since", "reachable")
    for one in _ask(config, "agents"):
        state = one["state"] if one["reason"] is None else f"{one['state']} ({one['reason']})"
        reachable = "yes" if one["reachable"] else "no"
        table.add_row(one["id"], one["name"], one["endpoint"], state, _ago(one["since"]), reachable)
    Console().print(table)


def show_calls(config: Path) -> None:
    """Print what is going on now.

    Raises:
        Siaga112Error: the daemon does not answer.
    """
    table = Table("call", "state", "band", "since", "agent", "line", "suspicion")
    for one in _ask(config, "calls"):
        since = _ago(one["since"])
        suspicion = "" if one["suspicion"] == "none" else one["suspicion"]
        heard = one["audio_class"] or ""
        agent = one["agent_id"] or ""
        table.add_row(one["call_id"], one["state"], str(one["band"]), since, agent, heard, suspicion)
    Console().print(table)


def _ask(config: Path, what: str) -> list[dict[str, Any]]:
    http = load_settings(config).http
    host = "127.0.0.1" if http.host == "0.0.0.0" else http.host
    url = f"http://{host}:{http.port}/api/v1/{what}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            found: list[dict[str, Any]] = json.load(answer)
    except OSError as error:
        raise Siaga112Error(f"the daemon does not answer at {url} ({error}); is it running?") from error
    return found


def _ago(moment: float) -> str:
    seconds = max(0, round(time.time() - moment))
    return f"{seconds // 60}:{seconds % 60:02}"
