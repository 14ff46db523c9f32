"""Fingerprints of compositions: the same everywhere, one for each reduced formula."""

import os
import subprocess
import sys

import numpy as np

from brnet.materials.fingerprint import among, fingerprints, known
from brnet.materials.formulas.formula import read_formula

FE2O3, GAAS = 16967341825816784515, 8654443556472409135


def prints(*formulas: str) -> np.ndarray:
    return fingerprints([read_formula(formula) for formula in formulas])


def test_fingerprints_stay_what_they_were_when_models_were_trained() -> None:
    assert prints("Fe2O3", "GaAs").tolist() == [FE2O3, GAAS]


def test_fingerprints_do_not_depend_on_the_seed_of_pythons_hashes() -> None:
    code = (
        "from brnet.materials.fingerprint import fingerprints; from brnet.materials.formulas.formula import "
        "read_formula; print(int(fingerprints([read_formula('Fe2O3')])[0]))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert said == {str(FE2O3)}


def test_equal_proportions_have_one_fingerprint() -> None:
    first, *others = prints("Fe2O3", "Fe4O6", "O3Fe2", "Fe0.4O0.6").tolist()
    assert set(others) == {first}
    assert first not in prints("FeO", "Fe3O4", "Fe2S3").tolist()


def test_known_compositions_are_found_among_those_seen() -> None:
    seen = np.sort(prints("Fe2O3", "GaAs", "NaCl"))
    asked = [read_formula(formula) for formula in ("NaCl", "KCl", "Fe4O6")]
    assert known(asked, seen).tolist() == [True, False, True]


def test_nothing_is_known_to_a_model_that_saw_nothing() -> None:
    assert among(prints("Fe2O3"), np.zeros(0, dtype=np.uint64)).tolist() == [False]


def test_no_compositions_have_no_fingerprints() -> None:
    assert fingerprints([]).shape == (0,)
    assert fingerprints([]).dtype == np.uint64
