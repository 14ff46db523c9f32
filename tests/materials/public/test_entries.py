"""The catalog says of public datasets what their publishers say."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from brnet.materials.public.entries import CATALOG, PublicDataset

LEFT_OUT = {
    "double_perovskites_gap_lumo",  # atoms, no compounds
    "mp_all_20181018",  # mp_nostruct_20181018 and structures
}
MATMINER = [dataset for dataset in CATALOG.values() if not dataset.member]
JARVIS = [dataset for dataset in CATALOG.values() if dataset.member]
UNITS = {
    r"\bmeV/atom": "meV/atom",
    r"(?<!m)eV/atom|eV per atom|per atom \(eV\)": "eV/atom",
    r"\bin eV\b(?!/atom|,? per atom)|(?<!per atom )\(eV\)": "eV",
    r"\bGPa\b": "GPa",
    r"\bMPa\b": "MPa",
    r"\b1/cm\b": "1/cm",
    r"\bin K\b": "K",
    r"Bohr magneton": "μB",
    r"W/m.K\b": "W/m/K",
}
SAID_AS_EV = {
    ("matbench_mp_e_form", "e_form"),  # eV/atom in the Materials Project
    ("wolverton_oxides", "e_form"),  # eV/atom in Emery and Wolverton's table
    ("wolverton_oxides", "e_hull"),
    ("castelli_perovskites", "e_form"),  # of the cell, as matbench_perovskites says
    ("matbench_perovskites", "e_form"),
}


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return json.loads((files("matminer.datasets") / "dataset_metadata.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("dataset", MATMINER, ids=lambda dataset: dataset.name)
def test_a_dataset_agrees_with_matminers_own_list(dataset: PublicDataset, published: dict[str, Any]) -> None:
    known = published[dataset.name]
    assert (dataset.url, dataset.sha256) == (known["url"], known["hash"])
    assert dataset.rows == known["num_entries"]
    assert known["file_type"] == "json.gz"
    assert {dataset.source_formula, *(column.source for column in dataset.columns)} <= known["columns"].keys()


def test_all_datasets_of_matminer_with_compositions_are_offered(published: dict[str, Any]) -> None:
    assert {dataset.name for dataset in MATMINER} == published.keys() - LEFT_OUT


@pytest.mark.parametrize("dataset", MATMINER, ids=lambda dataset: dataset.name)
def test_units_are_those_of_matminers_descriptions(dataset: PublicDataset, published: dict[str, Any]) -> None:
    for column in dataset.targets:
        words = published[dataset.name]["columns"][column.source]
        said = {unit for pattern, unit in UNITS.items() if re.search(pattern, words)}
        own = dataset.quantity_of(column.name).unit
        if (dataset.name, column.source) in SAID_AS_EV:
            assert said == {"eV"}
            assert own in ("eV/atom", "eV/cell")
        elif said:
            assert {own} == said, column.name


@pytest.mark.parametrize("dataset", CATALOG.values(), ids=lambda dataset: dataset.name)
def test_headers_say_the_unit_that_is_read_from_them(dataset: PublicDataset) -> None:
    for column in dataset.targets:
        header = re.fullmatch(r".*?(?: \((.+)\))?", column.name)
        assert header is not None
        if column.name != "target":
            assert dataset.quantity_of(column.name).unit == (header[1] or "")


@pytest.mark.parametrize(
    ("name", "axis", "log10"),
    [
        ("matbench_expt_gap", "band gap (eV)", False),
        ("matbench_mp_gap", "band gap (eV)", False),
        ("matbench_mp_e_form", "formation energy (eV/atom)", False),
        ("matbench_log_kvrh", "bulk modulus (GPa)", True),
        ("matbench_log_gvrh", "shear modulus (GPa)", True),
        ("matbench_dielectric", "refractive index", False),
        ("matbench_steels", "yield strength (MPa)", False),
        ("matbench_expt_is_metal", "metal", False),
        ("matbench_mp_is_metal", "metal", False),
        ("matbench_glass", "glass former", False),
        ("matbench_phonons", "last phonon DOS peak (1/cm)", False),
        ("jarvis_ssub", "formation energy (eV/atom)", False),
        ("jarvis_supercon_chem", "critical temperature (K)", False),
    ],
)
def test_every_dataset_knows_its_quantity(name: str, axis: str, log10: bool) -> None:
    assert CATALOG[name].quantity.axis == axis
    assert CATALOG[name].quantity.log10 is log10


def test_the_catalog_agrees_with_the_tables_at_hand(shared_data: Path) -> None:
    paths = sorted((shared_data / "matbench").glob("*.csv"))
    assert len(paths) == 9
    for path in paths:
        dataset = CATALOG[path.stem]
        values = pd.read_csv(path, keep_default_na=False).target
        assert len(values) == dataset.rows, path.stem
        assert (dataset.task == "classification") == (set(values) == {0, 1}), path.stem


@pytest.mark.parametrize("name", ["ssub_formula_energy", "supercon_chem_Tc"])
def test_the_rows_of_jarvis_agree_with_the_tables_at_hand(shared_data: Path, name: str) -> None:
    table = pd.read_csv(shared_data / "jarvis" / f"{name}.csv", keep_default_na=False)
    assert len(table) == CATALOG[f"jarvis_{name.rpartition('_')[0].removesuffix('_formula')}"].rows


def test_everything_is_fetched_over_tls_from_three_hosts() -> None:
    hosts = {"ml.materialsproject.org", "ndownloader.figshare.com", "figshare.com"}
    assert {dataset.url.split("/")[2] for dataset in CATALOG.values()} == hosts
    assert all(dataset.url.startswith("https://") for dataset in CATALOG.values())


def test_names_titles_files_and_headers_are_each_used_once() -> None:
    for part in ("title", "file_name", "key", "url"):
        assert len({getattr(dataset, part) for dataset in CATALOG.values()}) == len(CATALOG), part
    for dataset in CATALOG.values():
        headers = [dataset.formula_column, *(column.name for column in dataset.columns)]
        assert len(set(headers)) == len(headers), dataset.name


def test_every_dataset_names_whom_to_cite_and_its_licence() -> None:
    for dataset in CATALOG.values():
        assert dataset.citation
        assert dataset.licence in ("CC BY 4.0", "MIT", "see source", "unknown")
        assert (dataset.sha256 == "") == bool(dataset.member)


def test_the_terms_say_what_is_held_and_that_a_checksum_is_lacking() -> None:
    assert CATALOG["steel_strength"].terms == (
        "yield strength (MPa); tensile strength (MPa); elongation (%). Citrine Informatics, "
        "https://citrination.com/datasets/153092. Licence: unknown."
    )
    assert CATALOG["matbench_expt_gap"].terms.startswith("band gap (eV). Y. Zhuo, ")
    assert CATALOG["jarvis_ssub"].terms.endswith(
        " Licence: see source. No checksum is published: only the number of rows is checked."
    )


def test_a_file_is_kept_at_a_mirror_under_its_publishers_name() -> None:
    assert CATALOG["expt_gap"].file_name == "expt_gap.json.gz"
    assert CATALOG["jarvis_ssub"].file_name == "ssub.json.zip"
