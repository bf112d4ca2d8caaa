"""What a centre's calls of the present day come to, as far as PostgreSQL knows them.

Knows SQL. The sets are those of `kpi_daily`, asked so that only the day's rows are read: a wall asks often.
"""

from dataclasses import dataclass
from datetime import datetime

from siaga112.store.migrate import Connection

_TODAY = """
SELECT count(*)::int AS calls,
       count(*) FILTER (WHERE a)::int AS answered,
       count(*) FILTER (WHERE b)::int AS abandoned,
       count(*) FILTER (WHERE a AND answer_s <= 10)::int AS answered_10,
       count(*) FILTER (WHERE a AND answer_s <= 15)::int AS answered_15,
       count(*) FILTER (WHERE a AND answer_s <= 20)::int AS answered_20,
       count(*) FILTER (WHERE fallback)::int AS fallback,
       extract(epoch FROM max(started_at) FILTER (WHERE fallback))::float8 AS fallback_at
FROM (
    SELECT started_at, outcome = 'answered' AS a, outcome IN ('abandoned_queue', 'abandoned_ringing') AS b,
           extract(epoch FROM agent_answered_at - started_at) AS answer_s, served_by = 'fallback' AS fallback
    FROM siaga112.call_record
    WHERE centre = $1 AND started_at >= $2 AND disposition <> 'test'
) one
"""


@dataclass(frozen=True, slots=True)
class Today:
    """Counts of the calls that began on a day.

    Attributes:
        abandoned: Gave up while they waited or a phone rang; short abandons are not among them.
        answered_10: Answered by a person within 10 s of their arrival.
        fallback: Served by the dialplan's fallback.
        fallback_at: When the last of those began, in Unix seconds.
    """

    calls: int
    answered: int
    abandoned: int
    answered_10: int
    answered_15: int
    answered_20: int
    fallback: int
    fallback_at: float | None


async def today(connection: Connection, centre: str, begins: datetime) -> Today:
    """Count what began since a day's begin."""
    (row,) = await connection.fetch(_TODAY, centre, begins)
    return Today(**dict(row))
