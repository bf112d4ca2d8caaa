"""The configuration files that the lab writes for the daemon.

Knows their format. Knows nothing else of the daemon.
"""

from collections.abc import Mapping, Sequence


def daemon_config(*, ari: str, user: str, password: str, dsn: str, port: int) -> str:
    """The lab's siaga112.toml."""
    return f"""# Written by `siaga112 lab`.
plan = "plan.toml"

[asterisk]
url = "{ari}"
user = "{user}"
password = "{password}"
app = "siaga112"
fallback_journal = "log/asterisk/cel-custom/siaga112-fallback.log"
recordings = "asterisk/spool/monitor"

[postgres]
dsn = "{dsn}"

[spool]
path = "spool.sqlite3"

[http]
host = "127.0.0.1"
port = {port}

[log]
format = "json"
level = "info"
"""


_INFORMATION = (("1", "info_weather"), ("2", "info_health"), ("3", "info_numbers"))


def plan_config(agents: Sequence[str], timings: Mapping[str, float]) -> str:
    """The lab's plan.toml."""
    head = """# Written by `siaga112 lab`.
[centre]
code = "35.79"
name = "Siaga 112 Kota Contoh"
time_zone = "Asia/Jakarta"
language = "id"
"""
    told = "".join(f'\n[[information]]\nkey = "{key}"\nsound = "{sound}"\n' for key, sound in _INFORMATION)
    # Tests call more often in a minute than a regency does in a day.
    surge = "\n[surge]\nwaiting = 1000\narrivals_per_minute = 5000\nleast = 5000\n"
    times = "\n[timings]\n" + "".join(f"{name} = {seconds}\n" for name, seconds in timings.items())
    seats = [
        f'\n[[agents]]\nid = "{agent}"\nname = "Meja {number}"\nendpoint = "PJSIP/{agent}"\n'
        for number, agent in enumerate(agents, 1)
    ]
    return head + surge + times + told + "".join(seats)
