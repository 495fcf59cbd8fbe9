"""Which language somebody at the command line reads."""

import pytest

from appliance.foundation.i18n import environment_language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "sv_SE.UTF-8", "LC_MESSAGES": "en_GB"}, "en"),
        ({"LANG": "sv_SE", "LC_MESSAGES": "en_GB", "LC_ALL": "fr"}, "fr"),
        ({"LANG": "sv_SE", "LC_ALL": ""}, "sv"),
        ({"LANG": "en-US"}, "en"),
        ({"LANG": "C.UTF-8"}, None),
        ({"LANG": "sv_SE", "LC_ALL": "C"}, None),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({}, None),
    ],
)
def test_the_first_that_is_set_says_the_language(environment: dict[str, str], language: str | None) -> None:
    assert environment_language(environment) == language
