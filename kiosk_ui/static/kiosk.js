// Wires the small modules to whatever of them the page in hand needs. Nothing here keeps anything between pages.
import { beginIdle } from "./idle.js";
import { beginHealth } from "./health.js";
import { beginKeys } from "./keys.js";
import { beginPad } from "./pad.js";
import { beginScan } from "./scan.js";
import { beginSteppers } from "./steppers.js";
import { beginSheets } from "./sheets.js";
import { beginVerdict } from "./verdict.js";
import { beginCountdown } from "./countdown.js";

beginSheets();
beginHealth();
beginIdle();
beginKeys();
beginSteppers();
beginCountdown();
beginVerdict();
const clearPad = beginPad();
beginScan(clearPad);

// A page that the browser kept for "back" is asked for again: its visit may be over.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
addEventListener("contextmenu", (event) => event.preventDefault());
