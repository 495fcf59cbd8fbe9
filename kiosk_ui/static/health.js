// Asks the unit every two seconds what works, shows the banner that says so, and keeps the clock on the wall right.
const EVERY_MS = 2000;
const GIVE_UP_MS = 1800;
const FAILURES = 2;

export function beginHealth() {
  let failures = 0;
  const ask = async () => {
    try {
      const answer = await fetch(document.body.dataset.health, { signal: AbortSignal.timeout(GIVE_UP_MS) });
      if (!answer.ok) throw new Error(answer.statusText);
      const health = await answer.json();
      failures = 0;
      show(health.banner);
      showTime(health.now);
    } catch {
      failures += 1;
      if (failures >= FAILURES) show("web_away");
    }
    setTimeout(ask, EVERY_MS);
  };
  setTimeout(ask, EVERY_MS);
  show(document.querySelector("[data-banner]")?.dataset.banner ?? "");
}

function show(wanted) {
  for (const line of document.querySelectorAll("[data-when]")) line.hidden = line.dataset.when !== wanted;
  document.body.classList.toggle("is-paused", wanted === "booking_paused" || wanted === "web_away");
}

function showTime(instant) {
  const clock = document.querySelector("[data-wall-clock]");
  if (!clock) return;
  const parts = new Intl.DateTimeFormat("sv", { timeZone: clock.dataset.zone, hour: "2-digit", minute: "2-digit" })
    .formatToParts(new Date(instant * 1000));
  const [hour, minute] = ["hour", "minute"].map((kind) => parts.find((part) => part.type === kind).value);
  clock.textContent =
    document.documentElement.lang === "fr" ? `${Number(hour)}\u00a0h\u00a0${minute}` : `${hour}:${minute}`;
}
