"""Real torch modules: their arithmetic against numpy, their weights, their description."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from brnet.models.architecture import ARCHITECTURES, Architecture, count_parameters
from brnet.models.network import Network, describe

X = np.random.default_rng(0).normal(size=(5, 7))


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Tiny products on several threads wait for each other for longer than they compute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def tiny(name: str, **changes: object) -> Architecture:
    """The architecture with widths of a few units, so that tests are fast; `changes` replace fields."""
    published = ARCHITECTURES[name]
    widths = sorted({*published.widths}, reverse=True)
    return replace(published.with_widths([8 - widths.index(w) for w in published.widths]), **changes)


def build(architecture: Architecture, *, n_inputs: int = 7, seed: int = 0) -> Network:
    network = Network(architecture, n_inputs, generator=torch.Generator().manual_seed(seed))
    return network.double().eval()


class ByHand:
    """numpy arithmetic on the weights of a state dict."""

    def __init__(self, network: Network) -> None:
        self.weights = {name: value.numpy() for name, value in network.state_dict().items()}

    def dense(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]


def test_brnet_is_leaky_relu_of_dense_plus_shortcut_with_branches_summed() -> None:
    network = build(tiny("BRNet"))
    hand = ByHand(network)

    def layer(x: np.ndarray, name: str, *, projected: bool) -> np.ndarray:
        y = hand.dense(x, f"{name}.dense")
        return np.where(y > 0, y, 0.3 * y) + (hand.dense(x, f"{name}.shortcut") if projected else x)

    x = sum(
        layer(
            layer(X, f"blocks.0.branches.{b}.0", projected=True), f"blocks.0.branches.{b}.1", projected=False
        )
        for b in (0, 1)
    )
    for block, n_layers in enumerate((3, 3, 3, 2, 1), start=1):
        for k in range(n_layers):
            x = layer(x, f"blocks.{block}.branches.0.{k}", projected=k == 0)
    expected = hand.dense(x, "output")[:, 0]
    np.testing.assert_allclose(forward(network), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["IRNet-17", "SRNet-48"])
def test_residual_networks_add_the_shortcut_after_dense_norm_and_relu(name: str) -> None:
    architecture = tiny(name)
    network = build(architecture)
    randomise_norms(network)
    hand = ByHand(network)

    def layer(x: np.ndarray, at: str) -> np.ndarray:
        mean, variance, scale, shift = (
            hand.weights[f"{at}.norm.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return np.maximum((hand.dense(x, f"{at}.dense") - mean) / np.sqrt(variance + 1e-3) * scale + shift, 0)

    def shortcut(x: np.ndarray, at: str) -> np.ndarray:
        return hand.dense(x, f"{at}.shortcut") if f"{at}.shortcut.weight" in hand.weights else x

    x = X
    for b, block in enumerate(architecture.blocks):
        start = x
        for k in range(block.branches[0]):
            at = f"blocks.{b}.branches.0.{k}"
            x = layer(x, at) + (shortcut(x, at) if architecture.shortcut == "layer" else 0)
        x = x + (shortcut(start, f"blocks.{b}") if architecture.shortcut == "block" else 0)
    np.testing.assert_allclose(forward(network), hand.dense(x, "output")[:, 0], rtol=1e-12)


def test_plain_network_without_batch_norm_is_a_chain_of_relus() -> None:
    network = build(tiny("plain-17", batch_norm=False))
    hand, x = ByHand(network), X
    for block, n_layers in enumerate((4, 3, 3, 3, 2, 1)):
        for k in range(n_layers):
            x = np.maximum(hand.dense(x, f"blocks.{block}.branches.0.{k}.dense"), 0)
    np.testing.assert_allclose(forward(network), hand.dense(x, "output")[:, 0], rtol=1e-12)


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("batch", [1, 6])
def test_output_has_one_number_per_row(name: str, batch: int) -> None:
    assert build(tiny(name))(torch.zeros(batch, 7).double()).shape == (batch,)


@pytest.mark.parametrize("name", ["BRNet", "IRNet-24", "ElemNet"])
def test_same_seed_gives_the_same_weights_and_another_seed_others(name: str) -> None:
    first, again, other = (build(tiny(name), seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["output.weight"], other["output.weight"])


def test_building_with_a_generator_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    build(tiny("BRNet"))
    assert torch.equal(before, torch.get_rng_state())


def test_weights_are_glorot_uniform_and_biases_zero() -> None:
    network = Network(ARCHITECTURES["BRNet"], 86, generator=torch.Generator().manual_seed(0))
    for module in network.modules():
        if isinstance(module, nn.Linear):
            limit = (6 / (module.in_features + module.out_features)) ** 0.5  # Glorot & Bengio 2010, eq. 16
            assert module.weight.abs().max() <= limit
            assert not module.bias.any()
    wide = network.blocks[0].branches[0][1].dense.weight
    assert wide.std().item() == pytest.approx((6 / 2048) ** 0.5 / 3**0.5, rel=0.01)


def test_elemnet_drops_a_fifth_of_its_first_block_in_training_and_nothing_in_evaluation() -> None:
    network = Network(ARCHITECTURES["ElemNet"], 20, generator=torch.Generator().manual_seed(0))
    first = network.blocks[0]
    x = torch.rand(64, 20, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    first.train()
    alive = first.eval()(x) > 0
    zeroed = (first.train()(x)[alive] == 0).double().mean().item()
    assert zeroed == pytest.approx(0.2, abs=0.02)
    assert torch.equal(first.eval()(x), first.eval()(x))


def test_any_block_may_have_dropout() -> None:
    brnet = tiny("BRNet")
    dropping = replace(brnet, blocks=tuple(replace(block, dropout=0.1) for block in brnet.blocks))
    infos = describe(build(dropping))
    assert [info.block for info in infos if info.kind == "dropout"] == list(range(6))
    assert {info.label for info in infos if info.kind == "dropout"} == {"dropout 0.1"}


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "silu"])
def test_activation_is_the_one_asked_for(activation: str) -> None:
    expected = {"relu": "ReLU", "leaky_relu": "LeakyReLU 0.3", "silu": "SiLU"}[activation]
    infos = describe(build(tiny("BRNet", activation=activation)))
    assert {info.label for info in infos if info.kind == "activation"} == {expected}


def test_running_statistics_follow_the_batches_of_a_short_training() -> None:
    network = Network(tiny("IRNet-17"), 7, generator=torch.Generator().manual_seed(0)).train()
    x = 100 + torch.randn(256, 7, generator=torch.Generator().manual_seed(0))
    for _ in range(60):
        network(x)
    in_training = network(x)
    torch.testing.assert_close(network.eval()(x), in_training, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_description_holds_every_parameter_of_the_network(name: str) -> None:
    architecture = tiny(name)
    described = sum(info.n_parameters for info in describe(build(architecture)))
    assert described == count_parameters(architecture, n_inputs=7)


def test_description_tells_branches_and_projections_of_brnet_apart() -> None:
    infos = describe(build(tiny("BRNet"), n_inputs=20))
    assert [(i.block, i.branch, i.layer, i.n_in, i.n_out) for i in infos if i.kind == "dense"][:5] == [
        (0, 0, 0, 20, 8),
        (0, 0, 1, 8, 8),
        (0, 1, 0, 20, 8),
        (0, 1, 1, 8, 8),
        (1, 0, 0, 8, 7),
    ]
    assert [(i.branch, i.layer, i.kind) for i in infos if i.block == 0 and i.kind[:2] in ("pr", "id")] == [
        (0, 0, "projection"),
        (0, 1, "identity"),
        (1, 0, "projection"),
        (1, 1, "identity"),
    ]
    assert (infos[-1].kind, infos[-1].block, infos[-1].n_in, infos[-1].n_out) == ("output", 6, 3, 1)


def test_description_places_srnet_shortcuts_around_blocks_with_identity_between_equal_blocks() -> None:
    infos = describe(build(tiny("SRNet-48")))
    around = [(i.block, i.kind) for i in infos if i.kind in ("projection", "identity")]
    assert around == [(b, "identity" if b in (1, 3, 5, 7, 9) else "projection") for b in range(12)]
    assert all(i.branch is None and i.layer is None for i in infos if i.kind in ("projection", "identity"))


def test_description_shows_an_identity_where_the_inputs_are_as_wide_as_the_first_layer() -> None:
    first = next(i for i in describe(build(tiny("BRNet"), n_inputs=8)) if i.layer == 0 and i.kind[:2] == "id")
    assert (first.block, first.branch, first.n_in) == (0, 0, 8)


def test_brnet_can_learn_forty_rows_by_heart() -> None:
    generator = torch.Generator().manual_seed(0)
    network = Network(tiny("BRNet").with_widths((64, 32, 16, 8, 8, 8)), 10, generator=generator)
    x, y = torch.rand(40, 10, generator=generator), torch.randn(40, generator=generator)
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(300):
        optimiser.zero_grad()
        loss: Tensor = (network(x) - y).square().mean()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.01


def forward(network: Network) -> np.ndarray:
    with torch.no_grad():
        return network(torch.from_numpy(X)).numpy()


def randomise_norms(network: Network) -> None:
    generator = torch.Generator().manual_seed(1)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            for values in (module.running_mean, module.running_var, module.weight.data, module.bias.data):
                values.uniform_(0.5, 1.5, generator=generator)
