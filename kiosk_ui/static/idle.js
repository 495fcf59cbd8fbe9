// Nobody there: after 45 s a question, after 20 s more the visit is over. The first screen rests instead; the touch that
// wakes it does nothing else.
import { leave } from "./leave.js";
import { play } from "./sounds.js";

const QUIET_S = 45;
const QUIET_LONG_S = 180;
const WARNING_S = 20;
const WARNING_LONG_S = 60;
const REST_S = 60;

export function beginIdle() {
  if (document.body.classList.contains("screen-verdict")) return;
  const isHome = document.body.classList.contains("screen-home");
  const isPatient = document.documentElement.dataset.patience === "long";
  const idle = isHome ? restingHome(isPatient) : warned(isPatient);
  let touched = performance.now();
  const touch = () => {
    touched = performance.now();
    idle.touched();
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, touch, { capture: true });
  setInterval(() => idle.quiet((performance.now() - touched) / 1000), 250);
}

function warned(isPatient) {
  const sheet = document.getElementById("idle-sheet");
  const left = sheet.querySelector("[data-idle-left]");
  const quietS = isPatient ? QUIET_LONG_S : QUIET_S;
  const warningS = isPatient ? WARNING_LONG_S : WARNING_S;
  let isOver = false;
  return {
    touched() {
      if (sheet.open && !isOver) sheet.close();
    },
    quiet(seconds) {
      if (isOver || seconds < quietS) return;
      if (!sheet.open) {
        sheet.showModal();
        play("idle");
      }
      left.textContent = Math.max(0, Math.ceil(quietS + warningS - seconds));
      if (seconds >= quietS + warningS) {
        isOver = true;
        leave();
      }
    },
  };
}

function restingHome(isPatient) {
  const wake = document.querySelector(".wake");
  const restS = isPatient ? QUIET_LONG_S : REST_S;
  const hasChoices = () => document.documentElement.lang !== "sv" || document.documentElement.dataset.text !== "0";
  const hour = () => Number.parseInt(document.querySelector("[data-wall-clock]").textContent, 10);
  let isOver = false;
  wake.addEventListener("click", (event) => {
    event.stopPropagation();
    wake.hidden = true;
    document.body.classList.remove("is-resting");
    delete document.documentElement.dataset.theme;
  });
  return {
    touched() {},
    quiet(seconds) {
      if (isOver || seconds < restS || !wake.hidden) return;
      if (document.querySelector("dialog[open]") || hasChoices()) {
        isOver = true;
        leave();
        return;
      }
      wake.hidden = false;
      // Every other hour the colours change places, so that the screen wears evenly.
      if (hour() % 2) document.documentElement.dataset.theme = "day";
      document.body.classList.add("is-resting");
    },
  };
}
