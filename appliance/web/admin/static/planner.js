// The planner by keyboard: arrows go from cell to cell, a few letters do what its buttons and forms do too.
const table = document.querySelector("[data-planner]");
const hours = { start: Number(table?.dataset.start), end: Number(table?.dataset.end), step: Number(table?.dataset.step) };
const stops = () => [...table.querySelectorAll("[data-stop]")];
const rowOf = (stop) => stop.closest("tr");
const rows = () => [...table.querySelectorAll("tbody tr")];
let moving = null;

function go(stop) {
  if (!stop) return;
  for (const each of stops()) each.tabIndex = each === stop ? 0 : -1;
  stop.focus();
  stop.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function centre(stop) {
  const box = stop.getBoundingClientRect();
  return (box.left + box.right) / 2;
}

function beside(stop, step) {
  const own = [...rowOf(stop).querySelectorAll("[data-stop]")];
  return own[own.indexOf(stop) + step];
}

function across(stop, step) {
  const inCell = [...stop.closest("td").querySelectorAll("[data-stop]")];
  const neighbour = inCell[inCell.indexOf(stop) + step];
  if (neighbour) return neighbour;
  const all = rows();
  for (let at = all.indexOf(rowOf(stop)) + step; at >= 0 && at < all.length; at += step) {
    const found = [...all[at].querySelectorAll("[data-stop]")];
    const off = (each) => Math.abs(centre(each) - centre(stop));
    if (found.length) return found.reduce((best, each) => (off(each) < off(best) ? each : best));
  }
  return undefined;
}

const ARROWS = {
  ArrowLeft: (stop) => beside(stop, -1),
  ArrowRight: (stop) => beside(stop, 1),
  ArrowUp: (stop) => across(stop, -1),
  ArrowDown: (stop) => across(stop, 1),
  Home: (stop) => rowOf(stop).querySelector("[data-stop]"),
  End: (stop) => [...rowOf(stop).querySelectorAll("[data-stop]")].at(-1),
};

// Moving: a frame stands where the booking would go.
function begin(stop) {
  const places = rows().filter((row) => row.querySelector("th"));
  const frame = document.createElement("div");
  frame.className = "planner-frame";
  table.parentElement.append(frame);
  const own = rowOf(stop).dataset.resource;
  const place = places.findIndex((row) => row.dataset.resource === own);
  moving = { stop, frame, places, place, own: place, at: Number(stop.dataset.stop), length: Number(stop.dataset.length) };
  show();
}

function show() {
  const row = moving.places[moving.place];
  const name = row.querySelector("th");
  const perSecond = (table.offsetWidth - name.offsetWidth) / (hours.end - hours.start);
  const style = moving.frame.style;
  style.left = `${name.offsetWidth + (moving.at - hours.start) * perSecond}px`;
  style.width = `${moving.length * perSecond}px`;
  style.top = `${row.offsetTop}px`;
  style.height = `${name.offsetHeight}px`;
  moving.frame.scrollIntoView({ block: "nearest", inline: "nearest" });
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: table.dataset.zone });
  const words = document.querySelector("[data-told]").dataset.words;
  tell(words.replace("{place}", row.dataset.name).replace("{time}", format.format(moving.at * 1000)));
}

function tell(words) {
  const line = document.querySelector("[data-told]");
  line.textContent = words;
  line.classList.toggle("planner-telling", moving !== null);
}

function end() {
  moving.frame.remove();
  moving = null;
  tell(document.querySelector("[data-told]").dataset.back);
}

function send() {
  const form = document.querySelector("[data-move]");
  form.action = `${form.dataset.move}${moving.stop.dataset.booking}/move`;
  form.elements.namedItem("at").value = moving.at;
  form.elements.namedItem("resource").value = moving.place === moving.own ? "" : moving.places[moving.place].dataset.resource;
  form.submit();
}

function steer(key) {
  const { places, length } = moving;
  const to = { ArrowLeft: -hours.step, ArrowRight: hours.step }[key] ?? 0;
  const down = { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0;
  if (key === "Enter") send();
  else if (key === "Escape") end();
  else if (to || down) {
    moving.at = Math.max(hours.start, Math.min(moving.at + to, hours.end - length));
    moving.place = Math.max(0, Math.min(moving.place + down, places.length - 1));
    show();
  } else return false;
  return true;
}

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select, textarea")) return;
  const stop = event.target.closest("[data-stop]");
  if (moving) {
    if (steer(event.key)) event.preventDefault();
    return;
  }
  const arrow = ARROWS[event.key];
  const byKey = document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
  if (stop && arrow) go(arrow(stop));
  else if (arrow && event.target === document.body) go(stops().find((each) => each.tabIndex === 0));
  else if (event.key === "m" && stop?.dataset.booking) begin(stop);
  else if (event.key === "c" && stop?.dataset.booking) location.assign(`${stop.href}/cancel`);
  else if (event.key === "n" && stop?.matches(".planner-free")) stop.click();
  else if (byKey) byKey.click();
  else return;
  event.preventDefault();
}

if (table) {
  const first = stops()[0];
  for (const each of stops()) each.tabIndex = each === first ? 0 : -1;
  table.addEventListener("focusin", (event) => {
    const stop = event.target.closest("[data-stop]");
    if (stop) for (const each of stops()) each.tabIndex = each === stop ? 0 : -1;
  });
  document.addEventListener("keydown", pressed);
  // Today opens at what is now, not at the morning.
  const now = document.querySelector(".planner-now line")?.getBoundingClientRect();
  const sheet = table.closest(".planner-scroll");
  const edge = sheet?.getBoundingClientRect();
  if (now && edge) sheet.scrollLeft += now.left - edge.left - edge.width / 2;
}
