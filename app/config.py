"""Typed settings, read from the environment (``WAYSTATION_*``) once, when the application starts."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_KEY = "development-only-not-a-secret"
SHORTEST_KEY = 32


class Settings(BaseSettings):
    """Every setting of an installation; docs/it/settings.md explains each one and a test keeps the two in step."""

    model_config = SettingsConfigDict(env_prefix="WAYSTATION_", frozen=True, extra="forbid")

    environment: Literal["production", "development", "test"] = Field(
        "development", description="`production` asks for a secret key and sends cookies over HTTPS only."
    )
    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_KEY), description="Signs cookies and form tokens; a long random text."
    )
    database_url: str = Field(
        f"sqlite:///{ROOT / 'instance' / 'waystation.sqlite'}",
        description="SQLite file (`sqlite:///path`) or PostgreSQL (`postgresql://user@host/name`).",
    )
    policy_file: Path | None = Field(
        None,
        description="JSON file with the thresholds that a district changed; all others keep their defaults.",
    )
    limits_storage: str = Field(
        "memory://",
        description="Where sign-in throttling counts: `memory://` for one process, else a Redis URL.",
    )
    demo: bool = Field(False, description="Shows the demo's four doors on the first page; never in production.")
    demo_seed: int = Field(7, description="The number that the demo's made-up students were drawn with.")
    https_only: bool = Field(
        False, description="Send cookies over HTTPS only; always on when the environment is `production`."
    )
    boards: int = Field(30, ge=0, le=2000, description="Live boards expected at once; each one keeps a thread.")
    student_idle_minutes: int = Field(
        25, ge=1, description="A student's sign-in ends after this many minutes without input."
    )
    adult_idle_minutes: int = Field(
        240, ge=1, description="A teacher's, author's or admin's sign-in ends after this many minutes."
    )
    write_queue: int = Field(
        512,
        ge=1,
        description="Writes that may wait for the database; when full, clients are told to come back.",
    )
    jobs_file: Path | None = Field(
        None, description="File of the queue of jobs; beside the SQLite database unless set, else in `instance/`."
    )
    nightly_hour: int = Field(2, ge=0, le=23, description="Hour (UTC) at which `flask jobs run` begins nightly jobs.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")

    @model_validator(mode="after")
    def _production_is_serious(self) -> Self:
        if self.environment == "production":
            key = self.secret_key.get_secret_value()
            if key == DEVELOPMENT_KEY or len(key) < SHORTEST_KEY:
                raise ValueError(
                    f"In production set WAYSTATION_SECRET_KEY to a random text of {SHORTEST_KEY} characters or more."
                )
            if self.demo:
                raise ValueError("WAYSTATION_DEMO opens doors without a password; unset it in production.")
        return self

    @property
    def secure_cookies(self) -> bool:
        """Whether browsers may send our cookies over HTTPS only."""
        return self.https_only or self.environment == "production"

    @property
    def queue_file(self) -> Path:
        """Where the queue of jobs is kept."""
        if self.jobs_file is not None:
            return self.jobs_file
        database = self.database_url.removeprefix("sqlite:///")
        if database == self.database_url:
            return ROOT / "instance" / "waystation.jobs"
        return Path(database).with_suffix(".jobs")
