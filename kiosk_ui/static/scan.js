// A scanner is a keyboard that types faster than any hand. Only such a burst counts as a scan, only letters and digits
// of a pass are taken from it, and every other key in it (Tab, Enter) is swallowed. Chords and function keys are
// swallowed on every page, however slow: no code may steer the browser.
const FAST_MS = 35;
const QUIET_MS = 120;
const PASS = /^PV1[A-Z2-7]{20,253}$/;
const MOST_SIGNS = 512;

const steers = (event) =>
  event.ctrlKey || event.altKey || event.metaKey || /^(F\d+|Browser.*|Launch.*|Help|Find|Print.*)$/.test(event.key);

const swallow = (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
};

export function beginScan(onBurst) {
  const form = document.getElementById("scan");
  if (!form) {
    addEventListener("keydown", (event) => steers(event) && swallow(event), { capture: true });
    return;
  }
  let signs = "";
  let last = -Infinity;
  let isBurst = false;
  let isSpoilt = false;
  let isSent = false;
  let timer = 0;

  const finish = () => {
    const scanned = signs;
    const isPass = isBurst && !isSpoilt && PASS.test(scanned);
    signs = "";
    isBurst = false;
    isSpoilt = false;
    if (!isPass || isSent || document.querySelector("dialog[open]")) return;
    isSent = true;
    form.elements.kind.value = "qr";
    form.elements.value.value = scanned;
    form.submit();
  };

  addEventListener(
    "keydown",
    (event) => {
      const now = event.timeStamp;
      const isFast = now - last < FAST_MS && !event.repeat;
      last = now;
      clearTimeout(timer);
      timer = setTimeout(finish, QUIET_MS);
      if (steers(event)) {
        isSpoilt = true;
        swallow(event);
        return;
      }
      if (event.key === "Shift") return;
      if (isFast && !isBurst) {
        isBurst = true;
        onBurst();
      }
      if (event.key.length === 1) signs = (signs + event.key).slice(0, MOST_SIGNS);
      else if (event.key !== "Enter") isSpoilt = true;
      if (isBurst) {
        swallow(event);
      } else if (!isFast) {
        // Slow typing: what came before was a hand, only this sign may begin a scan.
        signs = event.key.length === 1 ? event.key : "";
        isSpoilt = event.key.length > 1;
      }
    },
    { capture: true },
  );
}
