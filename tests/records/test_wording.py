from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import workflows
from workflows.wording import wording

FOLDER = Path(workflows.__file__).parent
CATALOGUES = sorted(FOLDER.glob("translations/*/LC_MESSAGES/messages.po"))


def texts() -> set[str]:
    found = extract_from_dir(FOLDER, [("**.py", "python")], keywords={"gettext": None})
    return {str(text) for _, _, text, _, _ in found}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_a_catalogue_has_every_text_and_no_other(path):
    with path.open("rb") as file:
        catalogue = {str(message.id): message.string for message in read_po(file) if message.id}

    assert catalogue.keys() == texts()
    assert all(catalogue.values())


@pytest.mark.parametrize("text", sorted(texts()))
def test_a_translation_fills_the_placeholders_of_the_original(text):
    values = {"day": "2026-03-02", "count": 3, "name": "甲", "title": "题"}

    assert wording("en").gettext(text, **values) != wording("zh_CN").gettext(text, **values)


@pytest.mark.parametrize("locale", ["zh_CN", "fr", "", "../../etc", "../en"])
def test_an_unknown_language_is_answered_in_chinese(locale):
    assert wording(locale).gettext("已逾期") == "已逾期"


def test_a_regional_language_falls_back_to_its_parent():
    assert wording("en_GB").gettext("已逾期") == "overdue"
