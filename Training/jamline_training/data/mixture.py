"""The mixture: how often each set of songs is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import RecipeError

# The style of each set. A set that is not listed is a domain of its own.
DOMAINS = {
    "nottingham": "folk", "flyingcat": "folk", "ccac_ceilidh": "folk",
    "pop909_cl": "pop",
    "neonscribe": "jazz", "chord_melody": "jazz", "openbook": "jazz",
    "improvisor": "solos",
    "rs200": "rock",
    "openhymnal": "hymns", "carols_pd": "hymns", "mutopia_hymns": "hymns", "bach_human": "hymns",
    "lieder_auto": "art song",
}  # fmt: skip
MACHINE_LABELLED = ("lieder_auto", "openhymnal", "carols_pd", "mutopia_hymns")
"""Sets whose chords were found by a program."""


def domain_of(set_name: str) -> str:
    return DOMAINS.get(set_name, set_name)


def temperature_shares(sizes: dict[str, int], exponent: float) -> dict[str, float]:
    """Shares in proportion to size^exponent: 1 is proportional sampling, 0 is uniform."""
    powers = {name: size**exponent for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


def unimax_shares(sizes: dict[str, int], budget: float, repeats: float) -> dict[str, float]:
    """UniMax (arXiv 2304.09151, algorithm 1): an even share of the budget for each unit, but no
    unit more than `repeats` times. What small units leave goes to the others."""
    spent: dict[str, float] = {}
    for name in sorted(sizes, key=lambda name: (sizes[name], name)):
        even = (budget - sum(spent.values())) / (len(sizes) - len(spent))
        spent[name] = min(even, repeats * sizes[name])
    total = sum(spent.values())
    return {name: spent[name] / total for name in sizes}


METHODS = ("temperature", "unimax")
UNITS = ("sets", "domains")


@dataclass(frozen=True)
class Mixture:
    """How often each set is drawn. Sizes and the budget are in frames.

    method: temperature or unimax. units: what shares are given to, sets or domains; within a domain
    a set's share is proportional to its frames. weights: factors of a set's share, 1 by default; 0
    leaves the set out.
    """

    method: str = "temperature"
    units: str = "sets"
    exponent: float = 1.0
    repeats: float = 4.0
    budget: float = 1.0
    weights: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for expected, found in ((METHODS, self.method), (UNITS, self.units)):
            if found not in expected:
                raise RecipeError(f'expected a mixture of {" or ".join(expected)}, found "{found}"')

    def shares(self, sizes: dict[str, int]) -> dict[str, float]:
        """The shares of the sets that are drawn; they sum to 1. sizes: the frames of every set."""
        sizes = {name: size for name, size in sizes.items() if self.weights.get(name, 1.0) > 0}
        if not sizes:
            raise RecipeError("expected a set that is drawn, found none")
        unit_of = {name: name if self.units == "sets" else domain_of(name) for name in sizes}
        unit_sizes: dict[str, int] = {}
        for name, size in sizes.items():
            unit_sizes[unit_of[name]] = unit_sizes.get(unit_of[name], 0) + size
        if self.method == "temperature":
            unit_shares = temperature_shares(unit_sizes, self.exponent)
        else:
            unit_shares = unimax_shares(unit_sizes, self.budget, self.repeats)
        parts = {
            name: unit_shares[unit_of[name]] * size / unit_sizes[unit_of[name]]
            * self.weights.get(name, 1.0)
            for name, size in sizes.items()
        }  # fmt: skip
        total = sum(parts.values())
        return {name: part / total for name, part in parts.items()}
