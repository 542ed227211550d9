"""A data set: stripes, upright or lying, with noise on them."""

import numpy as np

from netlore.data import ImageSet, image_set


def stripes(seed: int) -> ImageSet:
    """200 images of 16 x 16 pixels; the seed decides the noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(200) % 2
    stripe = np.where(np.arange(16) // 2 % 2, 255, 0)
    upright = np.broadcast_to(stripe, (16, 16))
    clean = np.stack([upright if label else upright.T for label in labels])[..., None].repeat(3, axis=3)
    noisy = np.clip(clean + rng.normal(0, 40, clean.shape), 0, 255)
    return image_set(noisy.astype(np.uint8), labels, ("lying", "upright"))
