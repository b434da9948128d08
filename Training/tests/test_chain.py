"""The whole chain, in small: pre-training, teacher, rewards, reinforcement, expert, export,
measuring."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
from made import random_song, tool, write_corpus

from jamline_training.agent import expert
from jamline_training.data.corpus import digest_of_split
from jamline_training.evaluation import measure
from jamline_training.rl import reinforcement, reward_models, train_rewards
from jamline_training.training import pretrain

SIZES = ["--width", "64", "--layers", "2", "--heads", "4", "--key-value-heads", "2",
         "--feed-forward", "96"]  # fmt: skip
SHORT = ["--steps", "3", "--batch", "4", "--length", "64"]


def test_the_whole_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    agent = tool("jam-agent")
    songs = [random_song(seed, beats=32, name=f"made/{seed}") for seed in range(8)]
    corpus = ["--corpus", str(write_corpus(tmp_path, songs[:6], songs[6:]))]

    def run(module: object, *words: str) -> None:
        monkeypatch.setattr(sys, "argv", [module.__name__, *words])
        torch.manual_seed(1)
        module.main()

    pre, teacher, models, policy = (
        str(tmp_path / name) for name in ("pre", "teacher", "models", "policy")
    )
    run(pretrain, *corpus, "--out", pre, *SIZES, *SHORT, "--melody-masking", "0.5")
    begin = ["--begin", f"{pre}/checkpoint.pt"]
    run(pretrain, *corpus, "--out", teacher, *begin, "--sees-melody", *SHORT)
    monkeypatch.setattr(train_rewards, "SEEDS", (1,))
    run(train_rewards, *corpus, "--out", models, "--steps", "3", "--batch", "4", "--warm-up", "1")
    model = tmp_path / "model.safetensors"
    run(
        reinforcement, *corpus, "--out", policy, *begin, *SHORT,
        "--teacher", f"{teacher}/checkpoint.pt", "--reward-models", f"{models}/rewards.pt",
        "--export", str(model),
    )  # fmt: skip
    steps = [json.loads(line) for line in (tmp_path / "policy/log.jsonl").read_text().splitlines()]
    assert [step["step"] for step in steps] == [1, 2, 3]
    assert {"note", "contrastive", "discriminative rhythm", "discriminator", "kl"} <= set(steps[0])
    figures = (tmp_path / "models/figures.jsonl").read_text().splitlines()
    assert len(figures) == len(reward_models.KINDS) * len(reward_models.SCALES)
    many = ["--agent", agent, "--model", str(model), "--beats", "8"]
    run(expert, *corpus, "--out", str(tmp_path / "expert"), *many)
    run(
        pretrain, *corpus, "--out", str(tmp_path / "both"), *begin, *SHORT,
        "--expert", str(tmp_path / "expert"), "--export", str(model),
    )  # fmt: skip
    made = torch.load(tmp_path / "both/checkpoint.pt", weights_only=True)
    assert made["recipe"]["expert"] == digest_of_split(tmp_path / "expert", "train")
    assert [recipe["melody_masking"] for recipe in made["earlier"]] == [0.5]
    capsys.readouterr()
    run(
        measure,
        "--agent",
        agent,
        "--agent-option",
        f"model={model}",
        f"{tmp_path}/made.valid.jsonl",
    )
    assert "made.valid" in capsys.readouterr().out
