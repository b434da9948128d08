"""How often sets are drawn."""

import pytest

from jamline_training.data.mixture import Mixture, temperature_shares, unimax_shares
from jamline_training.errors import RecipeError

SIZES = {"nottingham": 300, "flyingcat": 100, "rs200": 400, "made": 200}  # folk, folk, rock, made


@pytest.mark.parametrize(
    ("exponent", "expected"), [(0.0, [0.5, 0.5]), (0.5, [2 / 3, 1 / 3]), (1.0, [0.8, 0.2])]
)
def test_temperature(exponent: float, expected: list[float]) -> None:
    shares = temperature_shares({"large": 400, "small": 100}, exponent)
    assert list(shares.values()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("budget", "repeats", "frames"),
    [
        (60, 1, {"a": 20, "b": 20, "c": 20}),
        (900, 2, {"a": 40, "b": 430, "c": 430}),  # a is exhausted
        (10_000, 2, {"a": 40, "b": 1000, "c": 2000}),  # all are: by their sizes
    ],
)
def test_unimax_spends_evenly_up_to_a_number_of_repeats(
    budget: float, repeats: float, frames: dict[str, float]
) -> None:
    shares = unimax_shares({"c": 1000, "a": 20, "b": 500}, budget, repeats)
    total = sum(frames.values())
    assert shares == pytest.approx({name: count / total for name, count in frames.items()})


def test_domains_share_alike_and_their_sets_by_size() -> None:
    mixture = Mixture(units="domains", exponent=0.0)
    expected = {"nottingham": 0.25, "flyingcat": 1 / 12, "rs200": 1 / 3, "made": 1 / 3}
    assert mixture.shares(SIZES) == pytest.approx(expected)


def test_weights_are_of_a_sets_share() -> None:
    shares = Mixture(weights={"rs200": 0.5, "made": 0}).shares(SIZES)
    assert shares == pytest.approx({"nottingham": 0.5, "flyingcat": 1 / 6, "rs200": 1 / 3})
    # What is left out takes nothing from an even budget.
    even = Mixture("unimax", budget=60, weights={"made": 0}).shares(SIZES)
    assert even == pytest.approx(dict.fromkeys(["nottingham", "flyingcat", "rs200"], 1 / 3))


def test_a_mixture_that_is_none() -> None:
    with pytest.raises(RecipeError, match='temperature or unimax, found "even"'):
        Mixture("even")
    with pytest.raises(RecipeError, match='sets or domains, found "songs"'):
        Mixture(units="songs")
    with pytest.raises(RecipeError, match="a set that is drawn"):
        Mixture(weights=dict.fromkeys(SIZES, 0.0)).shares(SIZES)
