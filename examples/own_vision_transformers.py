"""A design space over timm's vision transformers, for images of 32 pixels.

    netlore score --space own_vision_transformers:make_space --networks 100 --predictor snip --flops 5M 80M

is run in this folder, with timm installed.
"""

import timm
from torch import nn

import netlore as nl


def network(
    embedding: int,
    depth: int,
    heads: int,
    mlp_ratio: float,
    patch: int,
    pool: str,
    num_classes: int,
    resolution: int,
    channels: int,
) -> nn.Module:
    return timm.models.vision_transformer.VisionTransformer(
        img_size=resolution,
        patch_size=patch,
        in_chans=channels,
        num_classes=num_classes,
        global_pool=pool,
        class_token=pool == "token",
        embed_dim=embedding,
        depth=depth,
        num_heads=heads,
        mlp_ratio=mlp_ratio,
    )


def make_space(**options) -> nl.DesignSpace:
    return nl.module_space(
        network,
        [
            nl.product({"embedding": (48, 96, 144, 192), "heads": (1, 2, 3, 4)}, lambda width, n: width % n == 0),
            nl.uniform("depth", 1, 8),
            nl.choice("mlp_ratio", (2.0, 3.5, 4.0)),
            nl.choice("patch", (4, 8)),
            nl.choice("pool", ("token", "avg")),
        ],
        **options,
    )


if __name__ == "__main__":
    space = make_space(flops=(5e6, 80e6))
    print(f"{space.cardinality:,} architectures, {space.count_within_budget} within {space.budget}")
    table = nl.score(nl.sample(space, 3), "snip", nl.task("digits", batch_size=16))
    print(table.wide.drop(columns=["architecture", "seed", "draw"]).to_string())
