"""Where things live, how much is allowed, which addresses: the only reader of the environment."""

import os
from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGE = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """Every setting is an environment variable named BRNET_ and the field in capitals."""

    model_config = SettingsConfigDict(env_prefix="BRNET_", frozen=True)

    home: Path = Field(
        default=Path.home() / ".local" / "share" / "brnet",
        description="Folder of the database, the datasets, the runs, published models and downloads.",
    )
    database_url: str = Field(
        default="", description="SQLAlchemy address; empty means a SQLite file in `home`."
    )
    scheduler: str = Field(
        default="", description="Address of a Dask scheduler; empty starts a local engine."
    )
    slots: int = Field(default=1, ge=1, description="Runs that a local engine trains side by side.")
    threads: int = Field(default=max(1, os.cpu_count() or 1), ge=1, description="CPU threads of one run.")
    device: str = Field(default="auto", description="'auto' (a GPU where there is one), 'cpu' or 'cuda'.")
    shared_data: Path = Field(
        default=PACKAGE.parent.parent / "shared" / "data",
        description="Real datasets for tests and benchmarks.",
    )

    mirror: str = Field(
        default="",
        description="Address under which public datasets lie by file name; empty means their sources.",
    )
    proxy: str = Field(
        default="", description="Address of the proxy for downloads; empty means http_proxy and https_proxy."
    )

    max_upload_bytes: int = 200 * 2**20
    max_unpacked_bytes: int = 512 * 2**20
    max_rows: int = 500_000
    max_columns: int = 2_000
    max_cells: int = 20_000_000
    max_formula_length: int = 1_000
    max_feature_cache_bytes: int = 4 * 2**30
    max_lookup_formulas: int = 100_000

    @property
    def database_address(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'brnet.db'}"


def environment_of_processes(**changed: str) -> dict[str, str]:
    """The environment for a process of this package's own: it finds this very package, installed or not.

    Threads that wait for others soon sleep: where cores are shared, spinning made LightGBM take 46 s for 6,
    and sleeping at once made small networks three times as slow.
    """
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    return {"GOMP_SPINCOUNT": "10000"} | dict(os.environ) | {"PYTHONPATH": path} | changed


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
