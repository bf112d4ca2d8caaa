"""The two files that an operator writes: the configuration and the plan.

Knows files and the environment. Every fault is listed with the path of its key; nothing starts on a file
that has one. Secrets may stand in files of their own or in `SIAGA112_…` variables (`__` between the parts).
"""

import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from siaga112.errors import Siaga112Error
from siaga112.routing.plan import Plan, Seat, Timings
from siaga112.routing.words import AgentId


def _without_zone(clock: time) -> time:
    if clock.tzinfo is not None:
        raise ValueError("must not name a zone: it is by the centre's own clock")
    return clock


Seconds = Annotated[float, Field(gt=0, le=3600)]
Port = Annotated[int, Field(ge=0, le=65535)]
NaiveTime = Annotated[time, AfterValidator(_without_zone)]


class ConfigError(Siaga112Error):
    """A file that cannot be used; `faults` holds one line each."""

    exit_status = 2

    def __init__(self, path: Path, faults: list[str]) -> None:
        super().__init__("\n".join((f"{path} cannot be used:", *(f"  {one}" for one in faults))))
        self.faults = faults


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AsteriskSettings(_Part):
    """What stands in [asterisk]."""

    url: str = "http://127.0.0.1:8088/ari"
    """Where ARI is, without user and password."""
    user: str = "siaga112"
    """The user of ari.conf; not read-only."""
    password: SecretStr | None = None
    """Their password; or `password_file`."""
    password_file: Path | None = None
    """A file with nothing but the password."""
    app: str = "siaga112"
    """The Stasis application that the dialplan names."""

    @field_validator("url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        if "@" in value.partition("//")[2].partition("/")[0]:
            raise ValueError("must not hold a user or password; use `user` and `password`")
        return value

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if (self.password is None) == (self.password_file is None):
            raise ValueError("needs exactly one of `password` and `password_file`")
        return self

    def secret(self) -> str:
        """Read the password.

        Raises:
            ConfigError: the password's file cannot be read, or is empty.
        """
        if self.password is not None:
            return self.password.get_secret_value()
        path = self.password_file or Path()
        try:
            found = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(path, [f"asterisk.password_file: {error.strerror or error}"]) from None
        except UnicodeDecodeError:
            raise ConfigError(path, ["asterisk.password_file: is not text"]) from None
        if not found:
            raise ConfigError(path, ["asterisk.password_file: is empty"])
        return found


class PostgresSettings(_Part):
    """What stands in [postgres]."""

    dsn: SecretStr
    """postgresql://user:password@host:port/database"""


class SpoolSettings(_Part):
    """What stands in [spool]."""

    path: Path = Path("/var/lib/siaga112/spool.sqlite3")
    """On a local disk that survives a restart; never on a network share."""


class HttpSettings(_Part):
    """What stands in [http]."""

    host: str = "127.0.0.1"
    """Where health, metrics and the API listen."""
    port: Port = 8112


class LogSettings(_Part):
    """What stands in [log]."""

    format: Literal["auto", "json", "console"] = "auto"
    """`auto`: readable on a terminal, JSON elsewhere."""
    level: Literal["debug", "info", "warning", "error"] = "info"


class DrainSettings(_Part):
    """What stands in [drain]."""

    patience: Annotated[float, Field(ge=0, le=3600)] = 10.0
    """Seconds that a stop waits for conversations; those that go on are adopted by the next start."""


class Settings(BaseSettings):
    """What stands in siaga112.toml."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="SIAGA112_", env_nested_delimiter="__"
    )

    plan: Path = Path("plan.toml")
    """The centre's plan, beside this file unless absolute."""
    asterisk: AsteriskSettings
    postgres: PostgresSettings
    spool: SpoolSettings = SpoolSettings()
    http: HttpSettings = HttpSettings()
    log: LogSettings = LogSettings()
    drain: DrainSettings = DrainSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file."""
        _ = settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


class CentreFile(_Part):
    """What stands in [centre]."""

    code: Annotated[str, Field(pattern=r"^\d\d\.\d\d$")]
    """The region's code as the home ministry writes it, e.g. 35.79."""
    name: Annotated[str, Field(min_length=1)]
    time_zone: str = "Asia/Jakarta"
    language: Literal["id", "en"] = "id"
    """The language of the prompts."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                "is not a time zone; WIB is Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura"
            ) from error
        return value


class TimingsFile(_Part):
    """What stands in [timings], in seconds."""

    ring: Seconds = 8.0
    """How long one phone rings."""
    wrap_up: Annotated[float, Field(ge=0, le=3600)] = 20.0
    """Rest after a call."""
    wait_prompt: Annotated[float, Field(ge=5, le=30)] = 20.0
    """How often a waiting caller is spoken to; shorter than the dialplan's lease of 45 s."""


class AgentFile(_Part):
    """What stands in [[agents]]."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
    name: str = ""
    endpoint: Annotated[str, Field(pattern=r"^PJSIP/[^/]+$")]
    """The phone, as Asterisk names it: PJSIP/101."""


class ShiftFile(_Part):
    """What stands in [[shifts]]; one that ends no later than it begins crosses midnight."""

    name: Annotated[str, Field(min_length=1)]
    begins: NaiveTime
    """By the centre's clock: 07:30:00."""
    ends: NaiveTime


class PlanFile(_Part):
    """What stands in plan.toml."""

    centre: CentreFile
    timings: TimingsFile = TimingsFile()
    agents: tuple[AgentFile, ...] = ()
    shifts: tuple[ShiftFile, ...] = ()
    """For the figures only: nobody is logged in or out by them."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for part, what in (("agents", "id"), ("agents", "endpoint"), ("shifts", "name")):
            seen = [getattr(one, what) for one in getattr(self, part)]
            twice = sorted({one for one in seen if seen.count(one) > 1})
            if twice:
                raise ValueError(f"{part}: {what} {', '.join(twice)} stands more than once")
        return self

    def plan(self) -> Plan:
        """Give the core what it needs of it."""
        times = self.timings
        return Plan(
            centre=self.centre.code,
            language=self.centre.language,
            timings=Timings(ring=times.ring, wrap_up=times.wrap_up, wait_prompt=times.wait_prompt),
            seats={AgentId(one.id): Seat(AgentId(one.id), one.endpoint, one.name) for one in self.agents},
        )


def load_settings(path: Path) -> Settings:
    """Read the configuration; paths in it are relative to its folder.

    Raises:
        ConfigError: with every fault of the file.
    """
    data = _read(path)
    try:
        settings = Settings(**data)
    except ValidationError as error:
        raise ConfigError(path, _faults(error)) from None
    here = path.resolve().parent
    asterisk = settings.asterisk
    if asterisk.password_file is not None:
        asterisk = asterisk.model_copy(update={"password_file": here / asterisk.password_file})
    spool = SpoolSettings(path=here / settings.spool.path)
    return settings.model_copy(update={"plan": here / settings.plan, "asterisk": asterisk, "spool": spool})


def load_plan(path: Path) -> PlanFile:
    """Read the plan.

    Raises:
        ConfigError: with every fault of the file.
    """
    try:
        return PlanFile.model_validate(_read(path))
    except ValidationError as error:
        raise ConfigError(path, _faults(error)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(path, [f"{error.strerror or error}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path, [f"not TOML: {error}"]) from None


def _faults(error: ValidationError) -> list[str]:
    """One line a fault; values are left out, as one of them may be a password."""
    return [
        f"{'.'.join(str(part) for part in one['loc']) or 'file'}: {one['msg']}"
        for one in error.errors(include_url=False, include_input=False)
    ]
