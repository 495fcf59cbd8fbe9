"""A process of its own that makes the recaps of an evening and is killed before any of them leaves."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from appliance.boot.messaging_side import recaps_of
from appliance.config import MailSecurity, MailSettings
from appliance.messaging.actions.recapping import RECAP
from appliance.storage import jobs
from appliance.storage.jobs import Prepared
from tests.builders import visited

if __name__ == "__main__":
    site = visited(Path(sys.argv[1]), now=int(sys.argv[2]))
    mail = MailSettings("127.0.0.1", "hall@portvakt.example", 1, MailSecurity.NONE)
    recaps = recaps_of(replace(site.settings, mail=mail), site.side)
    jobs.run_due(site.side.book, site.side.scope, {RECAP: Prepared(recaps.prepare)})
    os.kill(os.getpid(), signal.SIGKILL)
