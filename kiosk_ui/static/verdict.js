// A verdict speaks once, shrinks its bar while the door is released, and makes way for the next person.
import { leave } from "./leave.js";
import { play } from "./sounds.js";

const DENIED_STAYS_S = 12;
const GRANTED_STAYS_S = 3.5;
const MOST_GRANTED_S = 8;
const PATIENCE = 3;

export function beginVerdict() {
  const flood = document.querySelector("[data-verdict]");
  if (!flood) return;
  const tone = flood.dataset.verdict;
  play({ ok: "granted", no: "denied", warn: "wait" }[tone]);
  const releasedS = Number(flood.dataset.releasedS ?? 0);
  document
    .querySelector("[data-bar]")
    ?.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: releasedS * 1000, fill: "forwards" });
  const isPatient = document.documentElement.dataset.patience === "long";
  const staysS = tone === "ok" ? Math.min(Math.max(releasedS, GRANTED_STAYS_S), MOST_GRANTED_S) : DENIED_STAYS_S;
  let timer = setTimeout(leave, staysS * 1000 * (isPatient ? PATIENCE : 1));
  document.addEventListener("pointerdown", () => {
    clearTimeout(timer);
    timer = setTimeout(leave, DENIED_STAYS_S * 1000 * PATIENCE);
  });
}
