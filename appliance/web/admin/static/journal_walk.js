// Tells how far a walk over the journals is, and shows what came of it at its end.
const ASK_MS = 1000;
const line = document.querySelector("[data-walk]");

async function ask() {
  try {
    const seen = await (await fetch(line.dataset.walk, { cache: "no-store" })).json();
    if (!seen.under_way) {
      location.reload();
      return;
    }
    line.querySelector("[data-told]").textContent = seen.told;
  } catch {
    // The unit is busy or away: ask again.
  }
  setTimeout(ask, ASK_MS);
}

if (line) setTimeout(ask, ASK_MS);
