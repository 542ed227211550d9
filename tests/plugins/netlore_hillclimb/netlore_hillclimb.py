"""A method of refinement: from the best architecture so far one grid step, again and again."""

import numpy as np

from netlore.refinement.elites import EliteSearch
from netlore.refinement.methods import Method
from netlore.space.architecture import Architecture
from netlore.space.sampling import neighbours, sample


class HillClimbing(EliteSearch):
    """The first round is random; in each further one all architectures are neighbours of the best."""

    def ask(self, number: int) -> list[Architecture]:
        """Neighbours that were not scored yet, each once."""
        settings = self.settings
        if number == 1:
            return sample(settings.space, settings.networks, seed=(settings.seed, number))
        rng = np.random.default_rng((settings.seed, number))
        near = neighbours(settings.space, self.elites()[:1], 4 * settings.networks, 1, rng)
        found = dict.fromkeys(one for one in settings.space.architectures(near) if not self.draws[one.id])
        return list(found)[: settings.networks]


HILLCLIMB = Method(
    name="hillclimb",
    label="hill climbing",
    summary="One grid step from the best architecture so far, until all of its neighbours are scored.",
    networks=20,
    rounds=None,
    settles=True,
    has_elites=True,
    search=HillClimbing,
    stop_reasons={"exhausted": "No neighbour of the best architecture was left."},
)
