"""Hugging Face's architectures from small configurations, with random weights."""

from __future__ import annotations

from typing import Any

import torch
import transformers
from torch import nn

from tests.zoo.cases import Case, classes, images, logits, noise, tokens

_TEXT: dict[str, Any] = {
    "vocab_size": 30,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 16,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "num_labels": 4,
    "pad_token_id": 0,
}
_IMAGES: dict[str, Any] = {
    "image_size": 12,
    "patch_size": 6,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "num_labels": 4,
}
_GPT: dict[str, Any] = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
_STAGES: dict[str, Any] = {"depths": [1, 1], "hidden_sizes": [8, 16], "num_labels": 4}


def _made(model: str, config: str, **options: Any) -> nn.Module:
    found: nn.Module = getattr(transformers, model)(getattr(transformers, config)(**options))
    return found


def _text(kind: str, change: str = "ForSequenceClassification", **options: Any) -> Case:
    inputs = {"input_ids": tokens(), "attention_mask": torch.ones(4, 6, dtype=torch.int64)}
    return Case(
        f"transformers {kind}{change}",
        lambda: _made(kind + change, kind + "Config", **{**_TEXT, **options}),
        inputs,
        read=logits,
    )


def _image(kind: str, size: int = 12, **options: Any) -> Case:
    name = kind + "ForImageClassification"
    return Case(f"transformers {name}", lambda: _made(name, kind + "Config", **options), images(size), read=logits)


def _unmarked(network: Any) -> nn.Module:
    """Without its own marking of the input, which is refused where the input is marked already."""
    network.freeze_feature_encoder()
    found: nn.Module = network.requires_grad_(True)
    return found


def _next_token(returned: Any) -> Any:
    return returned.logits.movedim(-1, 1)


CASES = (
    _text("Bert"),
    _text("Roberta"),
    _text("Electra", embedding_size=16),
    _text("Albert", embedding_size=8, num_hidden_layers=2, classifier_dropout_prob=0.0),
    _text(
        "DistilBert",
        dim=16,
        hidden_dim=24,
        n_layers=1,
        n_heads=2,
        dropout=0.0,
        attention_dropout=0.0,
        seq_classif_dropout=0.0,
    ),
    _text("GPT2", n_embd=16, n_layer=1, n_head=2, n_positions=16, **_GPT),
    Case(
        "transformers LlamaForCausalLM, tied",
        lambda: _made("LlamaForCausalLM", "LlamaConfig", tie_word_embeddings=True, use_cache=False, **_TEXT),
        {"input_ids": tokens()},
        classes(4, 6, of=30),
        output=_next_token,
        read=lambda r: [(1.0, r.logits.movedim(-1, 1))],
        tolerance=1e-5,
    ),
    _image("ViT", **_IMAGES),
    _image("DeiT", **_IMAGES),
    _image("ConvNext", 32, num_stages=2, **_STAGES),
    _image("ResNet", 32, embedding_size=8, num_labels=4, hidden_sizes=[8, 16], depths=[1, 1]),
    _image(
        "Swin",
        16,
        image_size=16,
        patch_size=2,
        embed_dim=8,
        depths=[2],
        num_heads=[2],
        window_size=4,
        num_labels=4,
        drop_path_rate=0.0,
    ),
    Case(
        "transformers Wav2Vec2ForSequenceClassification",
        lambda: _made(
            "Wav2Vec2ForSequenceClassification",
            "Wav2Vec2Config",
            conv_dim=(8,),
            conv_kernel=(4,),
            conv_stride=(2,),
            num_conv_pos_embeddings=4,
            num_conv_pos_embedding_groups=2,
            apply_spec_augment=False,
            **{**_TEXT, "layerdrop": 0.0, "classifier_proj_size": 8},
        ),
        noise(4, 40),
        read=logits,
        bare=_unmarked,
    ),
)
