"""Alloys and mixtures in percent: what they are in atoms, what is noted, what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition as PymatgenComposition

from brnet.errors import FormulaError
from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import SYMBOLS
from brnet.materials.formulas.formula import read_formula, read_formulas
from brnet.materials.formulas.weights import weight_percent

STAINLESS = {"Cr": 18, "Ni": 8, "Fe": 74}


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("Fe-18Cr-8Ni wt%", STAINLESS),
        ("Fe-18Cr-8Ni (wt.%)", STAINLESS),
        ("Fe-18Cr-8Ni wt. %", STAINLESS),
        ("Fe-18Cr-8Ni [weight %]", STAINLESS),
        ("Fe-18Cr-8Ni mass%", STAINLESS),
        ("Fe-18Cr-8Ni, in wt%", STAINLESS),
        ("Fe-18Cr-8Ni wt pct", STAINLESS),
        ("Fe-18Cr-8Ni Gew.-%", STAINLESS),
        ("Fe-18Cr-8Ni w/o", STAINLESS),
        ("Fe–18Cr–8Ni ｗｔ％", STAINLESS),
        ("Fe - 18 Cr - 8 Ni wt%", STAINLESS),
        ("Fe-18wt%Cr-8wt%Ni", STAINLESS),
        ("Fe-18%Cr-8%Ni (wt)", STAINLESS),
        ("Fe-Cr18-Ni8 wt%", STAINLESS),
        ("18Cr-8Ni-bal. Fe wt%", STAINLESS),
        ("Fe(bal)-18Cr-8Ni wt%", STAINLESS),
        ("74Fe-18Cr-8Ni wt%", STAINLESS),
        ("Fe74Cr18Ni8 wt%", STAINLESS),
        ("0.74Fe-0.18Cr-0.08Ni wt%", STAINLESS),
        ("(Fe-18Cr-8Ni) wt%", STAINLESS),
        ("Ti-6Al-4V (wt.%)", {"Ti": 90, "Al": 6, "V": 4}),
        ("Al-4.5Cu-1.5Mg wt %", {"Al": 94, "Cu": 4.5, "Mg": 1.5}),
        ("Al-4,5Cu-1,5Mg wt%", {"Al": 94, "Cu": 4.5, "Mg": 1.5}),
        ("Ga-5 In wt%", {"Ga": 95, "In": 5}),
    ],
)
def test_weights_become_the_atoms_that_pymatgen_finds(text: str, weights: dict[str, float]) -> None:
    expected = PymatgenComposition.from_weight_dict(weights).fractional_composition.get_el_amt_dict()
    assert read_formula(text).fractions == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ni-50Ti at%", "NiTi"),
        ("Cu60Zr40 at%", "Cu3Zr2"),
        ("Cu60-Zr40 at.%", "Cu3Zr2"),
        ("Zr-30Cu-10Al (at. %)", "AlCu3Zr6"),
        ("Fe-25Al atomic percent", "AlFe3"),
        ("Fe-25Al a/o", "AlFe3"),
        ("60SiO2-25Na2O-15CaO mol%", "Ca3Na10O32Si12"),
        ("70TeO2–30ZnO (mol%)", "O17Te7Zn3"),
        ("SiO₂-25Na₂O-15CaO mole %", "Ca3Na10O32Si12"),
        ("0.6SiO2-0.4Na2O mol%", "Na4O8Si3"),
        ("(SiO2)60-(Na2O)40 mol%", "Na4O8Si3"),
    ],
)
def test_atoms_and_moles_are_exact(text: str, key: str) -> None:
    assert read_formula(text).reduced == key


def test_weights_of_compounds_become_moles_of_compounds() -> None:
    soda, silica = (float(PymatgenComposition(name).weight) for name in ("Na2O", "SiO2"))
    expected = PymatgenComposition({"Na": 60 / soda, "O": 30 / soda + 140 / silica, "Si": 70 / silica})
    fractions = expected.fractional_composition.get_el_amt_dict()
    assert read_formula("70SiO2-30Na2O wt%").fractions == pytest.approx(fractions)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Fe-18Cr-8Ni wt%", "Read as wt%: 18 Cr, 8 Ni, balance 74 Fe."),
        ("Cu60Zr40 at%", "Read as at%: 60 Cu, 40 Zr."),
        ("0.6SiO2-0.4Na2O mol%", "Read as fractions (mol): 0.6 SiO2, 0.4 Na2O."),
        (
            "60SiO2-39.5Na2O mol%",
            "Read as mol%: 60 SiO2, 39.5 Na2O; they sum to 99.5 and their proportions count.",
        ),
    ],
)
def test_what_was_read_is_noted(text: str, note: str) -> None:
    assert read_formula(text).notes == (note,)


def test_what_is_absent_is_left_out_with_a_note() -> None:
    steel = read_formula("Fe-0.2C-0Cr wt%")
    assert steel.elements == ("C", "Fe")
    assert steel.notes[-1] == "Cr is left out: its amount is zero."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Fe-18Cr-8Ni",
            "'Fe-18Cr-8Ni' does not say of what its amounts are percent; write wt%, at% or mol% behind it.",
        ),
        (
            "Fe-18%Cr-8%Ni",
            "'Fe-18%Cr-8%Ni' does not say of what its amounts are percent; write wt%, at% or mol% behind it.",
        ),
        (
            "60SiO2-40Na2O",
            "'60SiO2-40Na2O' does not say of what its amounts are percent; write wt%, at% or mol% behind it.",
        ),
        (
            "Fe-80Cr-30Ni wt%",
            "The amounts in 'Fe-80Cr-30Ni wt%' sum to 110 wt%, which leaves nothing for 'Fe', the balance; "
            "correct one of them.",
        ),
        (
            "50Cr-30Ni wt%",
            "The amounts in '50Cr-30Ni wt%' sum to 80 wt%, not to 100; "
            "correct them or leave the number of the balance out.",
        ),
        (
            "Fe2O3 wt%",
            "The amounts in 'Fe2O3 wt%' sum to 5 wt%, not to 100; "
            "correct them or leave the number of the balance out.",
        ),
        (
            "Ni-Ti at%",
            "'Ni' and 'Ti' in 'Ni-Ti at%' have no amount; only one part, the balance, may lack it.",
        ),
        ("Fe-18Cr-2Cr wt%", "'Cr' stands twice in 'Fe-18Cr-2Cr wt%'; write one amount for it."),
        (
            "60SiO2-40Na2O at%",
            "'SiO2' in '60SiO2-40Na2O at%' is a compound and at% counts atoms; write mol% or wt%.",
        ),
        ("Fe-18Cr (wt%, at%)", "'Fe-18Cr (wt%, at%)' names both wt% and at%; keep one of them."),
        ("Fe-18Xx wt%", "'Xx' in 'Fe-18Xx wt%' is not an element."),
        ("60SiO2-40NaO2x mol%", "'x' in '60SiO2-40NaO2x mol%' cannot be read; "),
        ("Fe-17-19Cr wt%", "'17' in 'Fe-17-19Cr wt%' names no element; write as in 'Fe-18Cr-8Ni wt%'."),
        ("Fe-<0.1C wt%", "'<' in 'Fe-<0.1C wt%' cannot be read; "),
        ("Fe-" + "9" * 400 + "Cr wt%", "The amounts in 'Fe-"),
        ("Fe0Cr0 wt%", "No element in 'Fe0Cr0 wt%' has an amount above zero."),
        ("Ni-Ti", "'Ni-Ti' names elements without amounts; write a number behind each."),
    ],
)
def test_a_refusal_says_what_to_do_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(FormulaError) as refused:
        read_formula(text)
    assert str(refused.value).startswith(sentence)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("unit", "text", "key"),
    [
        ("at%", "Ni-50Ti", "NiTi"),
        ("at%", "Fe2O3", "Fe2O3"),
        ("at%", "Cu60Zr40", "Cu3Zr2"),
        ("at%", "SO4^2-", "O4S"),
        ("mol%", "60SiO2-40Na2O", "Na4O8Si3"),
        ("mol%", "Ca(OH)2", "CaH2O2"),
        ("wt%", "Ni-50Ti at%", "NiTi"),
        ("wt%", "Fe", "Fe"),
    ],
)
def test_the_unit_of_the_header_counts_where_the_text_has_none(unit: str, text: str, key: str) -> None:
    assert read_formula(text, unit).reduced == key


@pytest.mark.parametrize("text", ["Fe-18Cr-8Ni", "Fe74Cr18Ni8", "Fe0.74Cr0.18Ni0.08", "Fe74 Cr18 Ni8"])
def test_a_formula_under_a_header_in_weight_percent_holds_weights(text: str) -> None:
    assert read_formula(text, "wt%").fractions == pytest.approx(read_formula("Fe-18Cr-8Ni wt%").fractions)


def test_a_formula_whose_amounts_are_no_percentages_stays_a_formula() -> None:
    rust = read_formula("Fe2O3", "wt%")
    assert rust.reduced == "Fe2O3"
    assert rust.notes == ("Read as a formula: its amounts sum to 5, not to 100 wt%.",)


def test_many_texts_share_the_unit_of_their_header() -> None:
    alloy, formula, wrong = read_formulas(["Ni-50Ti", "Fe2O3", "Xx-50Ti"], "at%")
    assert isinstance(alloy, Composition)
    assert isinstance(formula, Composition)
    assert str(wrong) == "'Xx' in 'Xx-50Ti' is not an element."


DEADLINE = 2000  # ms; no text may take longer, and shared cores are slow at times
SHARES = st.lists(st.integers(1, 10_000), min_size=2, max_size=12)


@settings(deadline=DEADLINE)
@given(SHARES, st.randoms())
def test_weights_come_back_from_atoms(shares: list[int], random) -> None:  # type: ignore[no-untyped-def]
    symbols = random.sample(SYMBOLS, len(shares))
    weights = {s: round(100 * share / sum(shares), 6) for s, share in zip(symbols, shares, strict=True)}
    base, *others = weights
    text = "-".join([base, *(f"{weights[symbol]:.6f}{symbol}" for symbol in others)]) + " wt%"
    alloy = read_formula(text)
    weights[base] = 100 - sum(weights[symbol] for symbol in others)
    assert sum(alloy.fractions.values()) == pytest.approx(1)
    assert weight_percent(alloy) == pytest.approx(
        {symbol: weight for symbol, weight in weights.items() if weight}, abs=2e-6
    )


@settings(deadline=DEADLINE)
@given(
    st.text("FeCrNiSO2 0123456789.,;-–+/%()[]watmolbp", max_size=40),
    st.sampled_from(["", "wt%", "at%", "mol%"]),
)
def test_any_text_is_read_or_refused_in_a_sentence(text: str, unit: str) -> None:
    (reading,) = read_formulas([text], unit)
    if isinstance(reading, FormulaError):
        assert str(reading).endswith(".")
    else:
        assert sum(reading.fractions.values()) == pytest.approx(1)
