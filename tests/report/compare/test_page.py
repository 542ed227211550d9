"""The page of a comparison shows all it is given, escaped, in the look of a study's page."""

from __future__ import annotations

import re

import pytest

from netlore.report.compare.write import comparison_page, comparison_summary
from tests.report.compare.methods import comparison, group, memory, paper, rescored_group
from tests.report.page.markup import Tags, headings, written


@pytest.fixture(scope="module")
def page() -> str:
    return written(comparison_page(comparison()))


def test_sentences_figures_tables_commands_and_machine_are_on_the_page(page: str) -> None:
    assert headings(page) == ["Methods side by side", "Tables", "How it was made"]
    text = Tags(page).text
    for sentence in comparison_summary(comparison()):
        assert sentence.text in text
    for part in ("Methods & <more>", "A <machine>", "Which methods repeat", "The best architecture of every seed"):
        assert part in text
    assert text.count("netlore refine --predictor synflow --data cifar10 --networks 500 --seed 0") == 2
    assert "Seeds 0, 1 and 2, 2 rounds of 500 networks, 10M to 50M FLOPs, 15 min 37 s of scoring." in text


def test_the_page_needs_nothing_else_and_its_links_lead_somewhere(page: str) -> None:
    tags = Tags(page).tags
    assert not any(tag in ("link", "img", "iframe", "base") for tag, _ in tags)
    assert not re.search(r"@import|url\(|fetch\(", page)
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    links = [attributes["href"] or "" for tag, attributes in tags if tag == "a"]
    assert len(set(ids)) == len(ids) and {link[1:] for link in links} <= set(ids)


def test_how_elites_were_rescored_group_stands_with_the_runs(page: str) -> None:
    found = comparison(rescored_group(group(paper(12, 13), memory(18, 19)), 1.0))
    text = Tags(written(comparison_page(found))).text
    assert "netlore compare RUN... --again 4" in text
    assert "Seed 3, 50 architectures, 200 new scores on 1 batch, 12 s of scoring." in text
    assert "rescored" not in Tags(page).text.replace("of rescored elites where there are any", "")
