"""The readers of a site plan: checked with it, built from it, kept where the device is the same as before (DR-07)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from appliance.access.device_plan import ReaderPlan
from appliance.access.device_secrets import DeviceSecrets
from appliance.access.reader_posts import ReaderPost, ReaderPosts
from appliance.access.site_plan import SitePlan
from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError, Invalid
from drivers import registry
from drivers.contract import Site
from drivers.reader_contract import ReaderSettings
from drivers.registry import ConfiguredReader

STARTERS: Final = 16


class ReaderService:
    """One part of a plan in service; used by the configurer's thread alone."""

    def __init__(self, posts: ReaderPosts, secrets: DeviceSecrets, site: Site, clock: Clock) -> None:
        self._posts = posts
        self._secrets = secrets
        self._site = site
        self._clock = clock

    def look_at(self, plan: SitePlan, checking: registry.Checking) -> None:
        """Note every mistake in the readers of a plan, those in their secret files too."""
        for reader in plan.readers:
            configured, wrong = self._configured(reader)
            told = [FieldError(f"readers.{reader.slug}.{one.field}", one.code, one.message) for one in wrong]
            before = len(checking.errors)
            checking.look_at(registry.READERS, "readers", reader.slug, reader.driver, configured.settings)
            # A driver misses the secret whose file is wrong; once is enough.
            fields = {one.field for one in told}
            checking.errors[before:] = told + [one for one in checking.errors[before:] if one.field not in fields]

    def real(self, plan: SitePlan) -> list[str]:
        """Places of those that may be steel."""
        return registry.real_readers([self._configured(reader)[0] for reader in plan.readers], self._site)

    def put_in_service(self, plan: SitePlan) -> None:
        """Serve the readers of a plan that has no mistakes; raises what a driver raises that does not start."""
        fresh, built = [], []
        for reader in plan.readers:
            configured, _ = self._configured(reader)
            post = self._posts.find(reader.id)
            if post is not None and (post.plan.driver, post.settings) == (configured.driver, configured.settings):
                post = replace(post, plan=reader)
            else:
                info = registry.READERS.load(configured.driver)
                driver = info.build(configured.settings, self._site, self._clock)
                post = ReaderPost(reader, configured.settings, info.kinds, driver)
                built.append(post)
            fresh.append(post)
        # Old drivers let go of their ports before new ones take hold of them.
        self._posts.put_in_service(fresh)
        if built:
            with ThreadPoolExecutor(min(STARTERS, len(built))) as pool:
                for started in [pool.submit(post.driver.start, self._posts.read) for post in built]:
                    started.result()

    def _configured(self, reader: ReaderPlan) -> tuple[ConfiguredReader, list[FieldError]]:
        try:
            names = registry.READERS.load(reader.driver).secrets
        except Invalid:  # said by the registry's own check
            names = frozenset()
        secrets, errors = self._secrets.read(reader.settings, names)
        keeper = self._secrets.keeper(reader.settings)
        settings = ReaderSettings(reader.id, reader.slug, reader.settings, secrets, keeper)
        return ConfiguredReader(reader.driver, settings), errors
