"""The configuration that an operator writes; the plan beside it is `planfile`'s.

Knows files and the environment. Every fault is listed with the path of its key; nothing starts on a file
that has one. Secrets may stand in files of their own or in `SIAGA112_…` variables (`__` between the parts).
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
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

Port = Annotated[int, Field(ge=0, le=65535)]


class ConfigError(Siaga112Error):
    """A file that cannot be used; `faults` holds one line each."""

    exit_status = 2

    def __init__(self, path: Path, faults: list[str]) -> None:
        super().__init__("\n".join((f"{path} cannot be used:", *(f"  {one}" for one in faults))))
        self.faults = faults


class Part(BaseModel):
    """A table of a file: what it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AsteriskSettings(Part):
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
    fallback_journal: Path = Path("/var/log/asterisk/cel-custom/siaga112-fallback.log")
    """What the dialplan's fallback did (cel_custom.conf); the records of calls that we never saw."""
    recordings: Path = Path("/var/spool/asterisk/monitor")
    """Asterisk's folder of recordings; they are removed from there when their time is over."""

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
        return _secret_in(self.password_file or Path(), "asterisk.password_file")


class PostgresSettings(Part):
    """What stands in [postgres]."""

    dsn: SecretStr
    """postgresql://user:password@host:port/database"""


class SpoolSettings(Part):
    """What stands in [spool]."""

    path: Path = Path("/var/lib/siaga112/spool.sqlite3")
    """On a local disk that survives a restart; never on a network share."""
    most_mb: Annotated[int, Field(ge=10)] = 2000
    """The size from which it is an alarm; nothing is thrown away then."""
    most_hours: Annotated[float, Field(gt=0)] = 24.0
    """How long the oldest row may wait before it is an alarm."""


class HttpSettings(Part):
    """What stands in [http]."""

    host: str = "127.0.0.1"
    """Where health, metrics and the API listen."""
    port: Port = 8112


class LogSettings(Part):
    """What stands in [log]."""

    format: Literal["auto", "json", "console"] = "auto"
    """`auto`: readable on a terminal, JSON elsewhere."""
    level: Literal["debug", "info", "warning", "error"] = "info"


class DrainSettings(Part):
    """What stands in [drain]."""

    patience: Annotated[float, Field(ge=0, le=3600)] = 10.0
    """Seconds that a stop waits for conversations; those that go on are adopted by the next start."""


class EarPlace(Part):
    """What stands in [ear]: where Asterisk sends what callers say (RTP)."""

    host: str = "127.0.0.1"
    """The address of this machine that Asterisk reaches."""
    port: Port = 0
    """UDP; 0: any that is free."""
    asterisk: str = "127.0.0.1"
    """The address that Asterisk sends from; nothing else is listened to."""


class ExportSettings(Part):
    """What stands in [export]."""

    key: SecretStr | None = None
    """What pseudonyms are made with; or `key_file`. Never in the database."""
    key_file: Path | None = None
    """A file with nothing but the key."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if self.key is not None and self.key_file is not None:
            raise ValueError("needs one of `key` and `key_file`, not both")
        return self

    def secret(self) -> str | None:
        """Read the key; None if there is none.

        Raises:
            ConfigError: its file cannot be read, or is empty.
        """
        if self.key is not None:
            return self.key.get_secret_value()
        return None if self.key_file is None else _secret_in(self.key_file, "export.key_file")


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
    ear: EarPlace = EarPlace()
    drain: DrainSettings = DrainSettings()
    export: ExportSettings = ExportSettings()

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


def load_settings(path: Path) -> Settings:
    """Read the configuration; paths in it are relative to its folder.

    Raises:
        ConfigError: with every fault of the file.
    """
    data = read_toml(path)
    try:
        settings = Settings(**data)
    except ValidationError as error:
        raise ConfigError(path, faults_of(error)) from None
    here = path.resolve().parent
    parts = {
        "asterisk": _placed(settings.asterisk, here, "fallback_journal", "recordings", "password_file"),
        "spool": _placed(settings.spool, here, "path"),
        "export": _placed(settings.export, here, "key_file"),
    }
    return settings.model_copy(update={"plan": here / settings.plan, **parts})


def _placed(part: Part, here: Path, *names: str) -> Part:
    """Make paths absolute that are relative to the configuration's folder."""
    paths = {name: getattr(part, name) for name in names}
    return part.model_copy(update={name: here / path for name, path in paths.items() if path is not None})


def _secret_in(path: Path, key: str) -> str:
    try:
        found = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(path, [f"{key}: {error.strerror or error}"]) from None
    except UnicodeDecodeError:
        raise ConfigError(path, [f"{key}: is not text"]) from None
    if not found:
        raise ConfigError(path, [f"{key}: is empty"])
    return found


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(path, [f"{error.strerror or error}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path, [f"not TOML: {error}"]) from None


def faults_of(error: ValidationError) -> list[str]:
    """One line a fault; values are left out, as one of them may be a password."""
    return [
        f"{'.'.join(str(part) for part in one['loc']) or 'file'}: {one['msg']}"
        for one in error.errors(include_url=False, include_input=False)
    ]
