// Asks every second whether the step is over by what the door saw, and shows the page anew when it is.
const EVERY_MS = 1000;

async function look() {
  const main = document.querySelector("main.walk");
  const address = main?.dataset.asks;
  if (!address) return;
  try {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
    if (answer.ok && !answer.redirected) show(main, await answer.text());
  } catch {
    // The unit is away for a moment; the next round asks again.
  }
  setTimeout(look, EVERY_MS);
}

function show(main, text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main.walk");
  if (!fresh || fresh.dataset.now === main.dataset.now) return;
  const focused = document.activeElement?.id;
  main.replaceWith(fresh);
  const again = focused && document.getElementById(focused);
  (again || fresh.querySelector(".walk-acts button"))?.focus({ preventScroll: true });
}

setTimeout(look, EVERY_MS);
