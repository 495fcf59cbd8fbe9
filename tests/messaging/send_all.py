"""A process of its own that sends what is due, for tests that kill it."""

import sys
from dataclasses import replace
from pathlib import Path

from appliance.boot.messaging_side import post_of
from appliance.config import MailSecurity, MailSettings
from tests.builders import visited

if __name__ == "__main__":
    site = visited(Path(sys.argv[1]), now=int(sys.argv[3]))
    mail = MailSettings("127.0.0.1", "hall@portvakt.example", int(sys.argv[2]), MailSecurity.NONE)
    sender = post_of(replace(site.settings, mail=mail), site.side)
    while sender.deliver():
        pass
