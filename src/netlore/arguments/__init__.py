"""The front door of Python: public functions check what they are given, at their first line."""

from netlore.arguments.annotation import Count as Count
from netlore.arguments.annotation import Level as Level
from netlore.arguments.annotation import Seed as Seed
from netlore.arguments.door import validated as validated
from netlore.arguments.many import Shape as Shape
