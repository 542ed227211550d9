"""The public names of netlore, for type checkers and for `__init__.py`, which imports each on first use."""

from netlore.analysis.bootstrap import exact_bootstrap as exact_bootstrap
from netlore.analysis.bootstrap import monte_carlo_bootstrap as monte_carlo_bootstrap
from netlore.data import Task as Task
from netlore.data import task as task
from netlore.experiments.study.config import StudyConfiguration as StudyConfiguration
from netlore.experiments.study.config import planned as planned
from netlore.experiments.study.config import read_study as read_study
from netlore.export import TrainedNetwork as TrainedNetwork
from netlore.networks import build as build
from netlore.refinement.refine import random_search as random_search
from netlore.refinement.refine import refine as refine
from netlore.refinement.refine import refine_with_memory as refine_with_memory
from netlore.refinement.refine import regularised_evolution as regularised_evolution
from netlore.refinement.result import Refinement as Refinement
from netlore.refinement.select import Pick as Pick
from netlore.refinement.select import pick as pick
from netlore.scoring.evidence import Evidence as Evidence
from netlore.scoring.evidence import OwnPass as OwnPass
from netlore.scoring.evidence import evidence as evidence
from netlore.scoring.examination import probe as probe
from netlore.scoring.kinds.features import activation_codes as activation_codes
from netlore.scoring.kinds.features import block_features as block_features
from netlore.scoring.kinds.features import layer_weights as layer_weights
from netlore.scoring.kinds.gradients import gradient_kernel as gradient_kernel
from netlore.scoring.kinds.gradients import image_gradients as image_gradients
from netlore.scoring.kinds.gradients import part_gradients as part_gradients
from netlore.scoring.kinds.view import View as View
from netlore.scoring.module_scorer import score_modules as score_modules
from netlore.scoring.predictor import Predictor as Predictor
from netlore.scoring.predictor import predictor as predictor
from netlore.scoring.probe import Probe as Probe
from netlore.scoring.scorer import score as score
from netlore.space.architecture import Architecture as Architecture
from netlore.space.complexity import Complexity as Complexity
from netlore.space.complexity import complexity as complexity
from netlore.space.design_space import DesignSpace as DesignSpace
from netlore.space.distribution import Interval as Interval
from netlore.space.families import architecture as architecture
from netlore.space.families.anynet import anynet as anynet
from netlore.space.families.anynet import anynet_architecture as anynet_architecture
from netlore.space.families.anynet import anynet_printed as anynet_printed
from netlore.space.named import named as named
from netlore.space.sampling import sample as sample
from netlore.storage.score_table import Score as Score
from netlore.storage.score_table import ScoreTable as ScoreTable
from netlore.study import Study as Study
from netlore.study import run_study as run_study
from netlore.training.batches import TrainingData as TrainingData
from netlore.training.batches import training_data as training_data
from netlore.training.recipe import Recipe as Recipe
from netlore.training.recipe import recipe as recipe
from netlore.training.records import TrainingRecord as TrainingRecord
from netlore.training.trainer import train as train

__version__: str
__all__: list[str]
