"""Everything a person reads is there in Swedish, English and French, with the same placeholders in each."""

import string

import pytest
from babel.messages.catalog import Message

from tools import texts
from tools.texts import TRANSLATED


def placeholders(message: str) -> set[str]:
    """The names in braces; a text with a bare `{}` or `{0}` gets them as '' or '0'."""
    return {field for _, field, _, _ in string.Formatter().parse(message) if field is not None}


def forms(message: Message) -> tuple[list[str], list[str]]:
    """The English forms and the translated forms of one entry."""
    english = [message.id] if isinstance(message.id, str) else list(message.id)
    translated = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return english, translated


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    assert [f"{said.where}: {said.message}" for said in texts.missing(language)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_placeholders_of_the_english_text(language: str) -> None:
    wrong: list[str] = []
    for message in texts.catalogue(language):
        english, translated = forms(message)
        allowed = set().union(*(placeholders(form) for form in english))
        # A plural form may leave out the count ("one hour"); a plain text leaves out nothing.
        wrong.extend(form for form in translated if form and not placeholders(form) <= allowed)
        if len(english) == 1 and translated[0] and placeholders(translated[0]) != allowed and message.id:
            wrong.append(translated[0])
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_fuzzy_or_left_over(language: str) -> None:
    said = {text.message for text in texts.all_said()}
    entries = [message for message in texts.catalogue(language) if message.id]
    assert [forms(message)[0][0] for message in entries if message.fuzzy] == []
    assert [forms(message)[0][0] for message in entries if forms(message)[0][0] not in said] == []


def test_placeholders_of_the_code_have_names() -> None:
    bare = [said.where for said in texts.all_said() if placeholders(said.message) & {"", "0", "1"}]
    assert bare == []


def test_texts_are_found_in_code_and_in_templates() -> None:
    code = (
        "from appliance.foundation.i18n import marked, plural, text\n"
        'text(lang, "Hello {name}", name=name)\nplural(lang, "{count} day", "{count} days", n)\nx = marked("Later")\n'
    )
    assert [said.message for said in texts.said_in_code(code, "x.py")] == ["Hello {name}", "{count} day", "Later"]
    template = '<p title="{{ _("Title") }}">{% if a %}{{ plural("{count} seat", "{count} seats", n) }}{% endif %}</p>'
    found = {(said.message, said.plural) for said in texts.said_in_template(template, "x.html")}
    assert found == {("Title", None), ("{count} seat", "{count} seats")}
