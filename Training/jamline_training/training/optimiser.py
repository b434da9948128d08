"""The optimiser: Muon for the weights of linear layers, AdamW for the rest."""

from __future__ import annotations

from torch import nn, optim

from .recipe import Recipe

# The names of the two optimisers in a checkpoint.
MATRICES, OTHERS = "muon", "adamw"


class Optimiser:
    """Muon (orthogonalised momentum: Jordan et al. 2024, kellerjordan.github.io/posts/muon) for the
    weights of linear layers, and AdamW for tables, norms and biases. Norms and biases do not decay.
    A recipe may use AdamW for all weights.
    """

    def __init__(self, model: nn.Module, recipe: Recipe) -> None:
        linear = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
        matrices = linear if recipe.optimiser == MATRICES else []
        others = set(model.parameters()) - set(matrices)
        ordered = [p for p in model.parameters() if p in others]
        groups = [
            {"params": [p for p in ordered if p.ndim >= 2], "weight_decay": recipe.weight_decay},
            {"params": [p for p in ordered if p.ndim < 2], "weight_decay": 0.0},
        ]
        self.parts: dict[str, optim.Optimizer] = {
            OTHERS: optim.AdamW(groups, recipe.learning_rate, betas=(0.9, 0.95), fused=True)
        }
        if matrices:
            self.parts[MATRICES] = optim.Muon(
                matrices, recipe.matrix_rate, weight_decay=recipe.weight_decay, momentum=0.95
            )
        for group in self.groups():
            group["peak"] = group["lr"]

    def groups(self) -> list[dict]:
        """The groups of weights, each with its rate `lr`, its peak rate `peak` and its
        `weight_decay`."""
        return [group for part in self.parts.values() for group in part.param_groups]

    def step(self, rate: float) -> None:
        """Updates the weights by their gradients, at this share of the peak rates."""
        for group in self.groups():
            group["lr"] = rate * group["peak"]
        for part in self.parts.values():
            part.step()

    def zero_grad(self) -> None:
        """Clears the gradients."""
        for part in self.parts.values():
            part.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, dict]:
        return {name: part.state_dict() for name, part in self.parts.items()}

    def load_state_dict(self, states: dict[str, dict]) -> None:
        for name, part in self.parts.items():
            part.load_state_dict(states[name])
