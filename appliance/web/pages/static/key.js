// The key page: keeps the QR code changing, unlocks doors with this phone's key, and lists the phones that can.
import { answer, forget, kept, make } from "./phone_key.js";
import { makeShown, picture, stepAt } from "./rotating.js";

const TICK_MS = 500;
const TOLD_MS = 15000;

const page = document.querySelector(".key");
const { booking, sig } = page.dataset;
const qr = document.querySelector("[data-qr]");
// The unit's time is the doors' time: the phone's own clock may be wrong by hours.
const loaded = performance.getEntriesByType("navigation")[0];
const ahead = Number(page.dataset.now) * 1000 - (performance.timeOrigin + loaded.responseStart);

class Refused extends Error {}

async function ask(method, path, query, body) {
  const asked = new URLSearchParams({ ...query, sig, lang: page.dataset.language });
  // Only the link speaks for this page, never a session that the same browser has.
  const wish = { method, credentials: "omit", headers: { Accept: "application/json" } };
  if (body) {
    wish.headers["Content-Type"] = "application/json";
    wish.body = JSON.stringify(body);
  }
  const { isGood, told } = await fetch(`${page.dataset.api}${path}?${asked}`, wish)
    .then(async (said) => ({ isGood: said.ok, told: await said.json() }))
    .catch(() => {
      // No answer, or not the unit's: somebody on the way sent a page of their own.
      throw new Refused(page.dataset.away);
    });
  if (!isGood) throw new Refused(told.title);
  return told;
}

const own = (method, path, body) => ask(method, `/bookings/${booking}/${path}`, {}, body);
const atDoor = (door, path, body) => ask("POST", `/doors/${door}/${path}`, { booking }, body);

async function showChanging() {
  const pass = await own("GET", "rotating-pass");
  const shown = await makeShown(pass);
  const line = document.querySelector("[data-changing]");
  let drawn = -1;
  const draw = async () => {
    const at = Date.now() + ahead;
    const step = stepAt(pass, at);
    const left = Math.ceil((step + 1) * pass.step_s - at / 1000);
    line.querySelector("progress").value = left;
    line.querySelector("[data-left]").textContent = page.dataset.changes.replace("{seconds}", left);
    if (step === drawn) return;
    qr.replaceChildren(picture(await shown(at)));
    qr.dataset.is = "changing";
    drawn = step;
  };
  await draw();
  line.hidden = false;
  setInterval(draw, TICK_MS);
  // A page in the background ticks slowly; whoever takes the phone out again is at the door already.
  document.addEventListener("visibilitychange", draw);
}

function tell(door, words, granted) {
  const line = door.querySelector("[data-told]");
  line.querySelector("[data-words]").textContent = words;
  if (granted === undefined) delete line.dataset.granted;
  else line.dataset.granted = String(granted);
  clearTimeout(door.quiet);
  // A verdict is of its moment: nobody should read an old welcome at a door that has locked again.
  if (granted) door.quiet = setTimeout(() => tell(door, ""), TOLD_MS);
}

async function present(door) {
  const bind = async (publicKey) => (await own("POST", "mobile-keys", { public_key: publicKey })).id;
  const key = (await kept(booking)) ?? (await make(booking, bind));
  const asked = await atDoor(door, "challenges", {});
  const value = await answer(key, asked.door, asked.challenge);
  return atDoor(door, "presentations", { kind: "mobile", value, presentation_id: crypto.randomUUID() });
}

async function presentAnew(door) {
  const verdict = await present(door);
  // A moved booking has new keys for the phones that hold its link; one that was removed stays so.
  if (verdict.reason !== "moved") return verdict;
  await forget(booking);
  return present(door);
}

async function unlock(button) {
  const door = button.closest(".key-door");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  tell(door, page.dataset.asking);
  try {
    const verdict = await presentAnew(button.dataset.unlock);
    const time = verdict.retry_at ? ` ${page.dataset.from.replace("{time}", clock(verdict.retry_at))}` : "";
    tell(door, verdict.message + time, verdict.verdict === "granted");
  } catch (fault) {
    const isTold = fault instanceof Refused;
    tell(door, isTold ? fault.message : page.dataset.keyless, false);
    if (!isTold) throw fault;
  } finally {
    button.removeAttribute("aria-busy");
  }
  await listPhones();
}

// The facility's own wall clock, which stands in the answer; the day too where it is another.
function clock(moment) {
  // Swedish dates are written as RFC 3339 writes them.
  const today = new Intl.DateTimeFormat("sv", { timeZone: page.dataset.zone }).format(Date.now() + ahead);
  const [day, time] = [moment.slice(0, 10), moment.slice(11, 16)];
  return day === today ? time : `${day} ${time}`;
}

async function listPhones() {
  let phones;
  try {
    phones = (await own("GET", "mobile-keys")).mobile_keys;
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
    return;
  }
  const mine = (await kept(booking))?.id;
  document.querySelector("[data-phone-list]").replaceChildren(...phones.map((phone) => drawn(phone.id, phone.id === mine)));
  document.querySelector("[data-phones]").hidden = phones.length === 0;
}

function drawn(id, isMine) {
  const [line, name, button] = ["li", "span", "button"].map((kind) => document.createElement(kind));
  name.textContent = isMine ? page.dataset.here : page.dataset.elsewhere;
  button.textContent = page.dataset.remove;
  button.setAttribute("aria-label", `${page.dataset.remove}: ${name.textContent}`);
  button.addEventListener("click", () => remove(id, isMine));
  line.append(name, button);
  return line;
}

async function remove(id, isMine) {
  const told = document.querySelector("[data-phones-told]");
  try {
    const removed = await own("DELETE", `mobile-keys/${id}`);
    if (isMine) await forget(booking);
    told.textContent = removed.in_force === "done" ? page.dataset.removed : page.dataset.removing;
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
    told.textContent = fault.message;
  }
  await listPhones();
}

async function begin() {
  if (!crypto.subtle) {
    document.querySelector("[data-when-plain]").hidden = false;
    if (qr) qr.dataset.is = "plain";
    return;
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-unlock]");
    if (button) unlock(button);
  });
  for (const button of document.querySelectorAll("[data-unlock]")) button.hidden = false;
  if (qr)
    showChanging().catch((fault) => {
      qr.dataset.is = "plain";
      if (!(fault instanceof Refused)) throw fault;
    });
  await listPhones();
}

begin();
