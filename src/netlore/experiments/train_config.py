"""What was asked of a training, checked, and recorded in its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from netlore.data import Reading, ReadingOptions
from netlore.data.reading import AS_IT_IS
from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.experiments.config import Seed
from netlore.experiments.reading_config import ReadingConfiguration
from netlore.experiments.record import RunRecord, command_of, recorded
from netlore.experiments.select import picked_architecture
from netlore.reading import is_there
from netlore.space import families, named
from netlore.space.architecture import Architecture
from netlore.space.budget import Budget, short
from netlore.space.complexity import BUILT_IN, LABELS, Complexity, complexity
from netlore.storage.documents import RUN, checked, read_document
from netlore.training.batches import TrainingData
from netlore.training.recipe import Recipe, recipe

COMMAND = "train"


class TrainConfiguration(ReadingConfiguration):
    """A training.

    Attributes as of `ReadingConfiguration`, and:
        architecture: Its name in the catalogue; None if it has none.
        validation: Data set to judge by; None: the one that belongs to `data`, or a part held out of it.
        recipe: The recipe's name, or its file.
        settings: The whole recipe, with what was changed: the keys in `changed`.
        devices: Processes that share every batch.
    """

    architecture: str | None
    family: str
    values: dict[str, int | float | str]
    data: str
    validation: str | None = None
    recipe: str
    settings: Recipe
    changed: tuple[str, ...] = ()
    seed: Seed = 0
    device: str = "cpu"
    devices: int = Field(default=1, ge=1)

    def make_architecture(self) -> Architecture:
        """The architecture."""
        return families.architecture(self.family, self.values)

    @property
    def name(self) -> str:
        """What the architecture is called: its name in the catalogue, or its id."""
        return self.architecture or self.make_architecture().id

    @property
    def recipe_in_words(self) -> str:
        """The recipe's name, and what was changed in it apart from the number of epochs."""
        name = Path(self.recipe).stem
        values = self.settings.model_dump(mode="json")
        changes = [f"{key} = {values[key]}" for key in self.changed if key != "epochs"]
        return f"{name} with {', '.join(changes)}" if changes else name


def fingerprint(configuration: TrainConfiguration, *others: str) -> str:
    """What trainings that are the same have in common, though names, and attributes `others`, may differ."""
    return configuration.model_dump_json(exclude={"architecture", "device", "changed", "recipe", *others})


class Facts(BaseModel):
    """What a training knows of its data, so that reports need not read it again.

    Mean and deviation are of each channel on the scale [0, 1]; the digest is the SHA-256 of all images and labels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    training_images: int
    validation_images: int
    class_names: tuple[str, ...]
    resolution: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    digest: str

    @staticmethod
    def of(data: TrainingData) -> Facts:
        """Those of decoded data, statistics without the digits that single precision does not hold."""
        values = {name: getattr(data, name) for name in ("class_names", "resolution", "digest")}
        for name in ("mean", "std"):
            values[name] = tuple(round(value, 7) for value in getattr(data.training, name).tolist())
        return Facts(training_images=len(data.training), validation_images=len(data.validation), **values)


def changed_recipe(name: str, changes: Mapping[str, Any], epochs: int | None) -> Recipe:
    """A recipe with other values, and a number of epochs if there is one, instead of its own."""
    return recipe(name).changed({**changes, **({} if epochs is None else {"epochs": epochs})})


def configured(
    what: str, data: str | None, recipe_name: str, epochs: int | None, changes: Mapping[str, Any], **more: Any
) -> TrainConfiguration:
    """The configuration that a command line means.

    `what` is an architecture, as `named.parse` reads it, or the folder of a refinement, whose picked network is
    meant. Without `data` it is that of the refinement, read as it was there unless something else is said of that,
    or CIFAR-10. `more` has further attributes.
    """
    name, architecture, usual, reading = _meant(what)
    found, own = changed_recipe(recipe_name, changes, epochs), recipe(recipe_name)
    values = {
        "architecture": name,
        "family": architecture.family,
        "values": architecture.values,
        "data": data or usual,
        "recipe": recipe_name,
        "settings": found.model_dump(mode="json"),
        # In the order of the keys, so that the order of options makes no other configuration.
        "changed": tuple(key for key in Recipe.model_fields if getattr(found, key) != getattr(own, key)),
    }
    said = {name: value for name, value in more.items() if value or name not in ReadingConfiguration.model_fields}
    return checked(TrainConfiguration, values | ({} if data else _unless_said(reading.given(), said)) | said)


def _unless_said(there: ReadingOptions, said: Mapping[str, Any]) -> dict[str, Any]:
    """How a refinement reads its data, without the sizes if another is said, for they belong together."""
    hidden = {"resize", "crop"} if {"resize", "crop"} & said.keys() else set()
    return {name: value for name, value in there.items() if name not in hidden}


def _meant(what: str) -> tuple[str | None, Architecture, str, Reading]:
    """The name, if it has one, the architecture, and the data set that goes with it, with how it is read."""
    if what in named.names():
        usual = "cifar100" if named.natural_classes(what) == 100 else "cifar10"
        return what, named.named(what), usual, AS_IT_IS
    folder = Path(what)
    if not what.lstrip().startswith("{") and is_there(folder) and folder.is_dir():
        if command_of(folder) == COMMAND:
            raise InvalidInput(
                f"{folder} holds a training; run its own command again to go on with it, or name an architecture."
            )
        there = recorded(folder).configuration
        return None, picked_architecture(folder), there.data, there.reading
    return None, named.parse(what), "cifar10", AS_IT_IS


class TrainRecord(RunRecord):
    """What `run.json` says of a training: also what is known of its data."""

    configuration: TrainConfiguration
    facts: Facts


def recorded_training(folder: Path) -> TrainRecord:
    """What a training's folder records; other folders and damaged records are refused."""
    if not (folder / RUN).is_file():
        raise InvalidInput(f"{folder} holds no training; name the folder of one.")
    if (command := command_of(folder)) != COMMAND:
        raise InvalidInput(f"{folder} holds a {command} run, not a training; name the folder of one.")
    return read_document(folder / RUN, TrainRecord)


def check_same(folder: Path, configuration: TrainConfiguration, facts: Facts) -> None:
    """Refuse a folder that holds something else than this training, and show the difference."""
    if not (folder / RUN).is_file():
        return
    if (command := command_of(folder)) != COMMAND:
        raise InvalidInput(f"{folder} holds a {command} run; choose another output folder.")
    there = recorded_training(folder)
    if (there.configuration, there.facts.digest) != (configuration, facts.digest):
        was, now = (
            one.model_dump(mode="json", exclude={"changed"}) for one in (there.configuration, configuration)
        )
        for one, digest in ((was, there.facts.digest), (now, facts.digest)):
            one |= {**one.pop("settings"), "images": digest}
        raise DifferentConfiguration(folder, was, now)


def beyond_budget(what: str, configuration: TrainConfiguration, facts: Facts) -> str:
    """What to say of a network from the folder of a refinement that does not meet its budget on these images.

    Empty if it does, or if `what` is no folder.
    """
    folder = Path(what)
    if configuration.architecture is not None or not is_there(folder) or not folder.is_dir():
        return ""
    budget = Budget.of(recorded(Path(what)).configuration.limits)
    found = measures(configuration, facts, tuple(budget.limits()))
    if budget.admits(Complexity(**{name: found[name] for name in BUILT_IN}, others=found)):
        return ""
    sizes = ", ".join(f"{short(found[name])} {LABELS[name].unit}" for name in budget.limits())
    return (
        f"at {facts.resolution} pixels and for {len(facts.class_names)} classes the network has {sizes}, which is "
        f"not within the budget of {what}, {budget}."
    )


def measures(configuration: TrainConfiguration, facts: Facts, named: Sequence[str] = ()) -> dict[str, Any]:
    """FLOPs, parameters and activations on this data, and measures that are named."""
    classes, architecture = len(facts.class_names), configuration.make_architecture()
    return dict(complexity(architecture, classes, facts.resolution, measures=named).as_dict())
