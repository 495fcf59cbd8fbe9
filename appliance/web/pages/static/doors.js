// Keeps the wall of doors true: the stream says that something happened, the unit says what. A lost event costs nothing,
// and where no stream can be had the page asks every two seconds.
const ASK_MS = 2000;
const SILENCE_MS = 40000;
const GRANTS_BEATS = document.querySelector("[data-controller]") ? 1 : 5;
const LAMP_MS = [150, 400, 900, 2000, 3500];

const wall = document.querySelector(".wall");
const liveLine = document.querySelector("[data-live-line]");
const csrf = document.querySelector('meta[name="csrf-token"]').content;
let source = null;
let asking = 0;
let heard = 0;

async function ask(cache = "no-cache") {
  try {
    const answer = await fetch(wall.dataset.states, { cache });
    if (!answer.ok) throw new Error(answer.statusText);
    const seen = await answer.json();
    if (!source) say("asking");
    draw(seen);
    return seen;
  } catch {
    say("lost");
    return null;
  }
}

function say(what) {
  liveLine.dataset.now = what;
  liveLine.textContent = liveLine.dataset[what];
}

function draw(seen) {
  document.querySelector("[data-when-away]").hidden = !seen.away;
  for (const door of seen.doors) {
    const panel = document.querySelector(`[data-door="${CSS.escape(door.slug)}"]`);
    if (!panel) {
      location.reload();
      return;
    }
    panel.dataset.state = door.state;
    panel.querySelector("[data-since]").textContent = door.since;
    panel.querySelector("[data-words]").textContent = door.words;
    fill(panel.querySelector("[data-mode]"), door.mode);
    fill(panel.querySelector("[data-fault]"), door.fault);
    for (const reader of door.readers) drawReader(panel, reader);
    drawGrants(panel, door.grants);
  }
  for (const controller of seen.controllers) drawController(controller);
  tellHistory(seen.happened);
}

function drawGrants(panel, grants) {
  const list = panel.querySelector("[data-grants]");
  if (!list) return;
  list.replaceChildren(...grants.map((one) => line(one.window, one.words, one.reason, ["life", one.state])));
  panel.querySelector("[data-no-grants]").hidden = grants.length > 0;
}

function drawController(controller) {
  const box = document.querySelector(`[data-controller="${CSS.escape(controller.slug)}"]`);
  if (!box) {
    location.reload();
    return;
  }
  box.dataset.state = controller.state;
  box.querySelector("[data-words]").textContent = controller.words;
  box.querySelector("[data-listed]").textContent = controller.listed;
  fill(box.querySelector("[data-fault]"), controller.fault);
  fill(box.querySelector("[data-late]"), controller.late);
  for (const one of controller.counts) {
    const item = box.querySelector(`.life [data-life="${one.state}"]`);
    item.dataset.none = String(one.count === 0);
    item.querySelector("[data-count]").textContent = one.count;
  }
}

function drawReader(panel, reader) {
  const box = panel.querySelector(`[data-reader="${CSS.escape(reader.slug)}"]`);
  if (!box) {
    location.reload();
    return;
  }
  box.dataset.state = reader.state;
  box.dataset.lamp = reader.lamp;
  box.querySelector("[data-lamp-words]").textContent = reader.lamp_words;
  box.querySelector("[data-sound]").textContent = reader.sound;
  box.querySelector("[data-reader-words]").textContent = reader.words;
  fill(box.querySelector("[data-reader-fault]"), reader.fault);
}

function fill(place, words) {
  place.textContent = words;
  place.hidden = !words;
}

// The unit says what happened and when, in the facility's own time; the page only shows it.
function tellHistory(happened) {
  const items = happened.map((one) => line(one.at, one.what, one.how, ["tone", one.tone]));
  document.querySelector("[data-happened]").replaceChildren(...items);
  document.querySelector("[data-nothing]").hidden = items.length > 0;
}

function line(at, what, how, [kind, value]) {
  const item = document.createElement("li");
  item.dataset[kind] = value;
  const stamp = document.createElement("time");
  stamp.textContent = at;
  item.append(stamp);
  for (const [words, style] of [[what, ""], [how, "how"]]) {
    if (!words) continue;
    const part = document.createElement("span");
    part.className = style;
    part.textContent = words;
    item.append(" ", part);
  }
  return item;
}

function listen(address) {
  if (!address) return;
  const stream = new EventSource(address);
  stream.addEventListener("open", () => {
    source = stream;
    heard = performance.now();
    say("live");
    ask();
  });
  for (const name of ["door", "doors", "resync"])
    stream.addEventListener(name, () => {
      heard = performance.now();
      ask();
    });
  stream.addEventListener("error", () => {
    stream.close();
    source = null;
  });
}

async function watch() {
  asking += 1;
  // Heartbeats are comments, which a page never sees: a silent stream is opened anew rather than trusted.
  if (source && performance.now() - heard > SILENCE_MS) {
    source.close();
    source = null;
  }
  // A denial moves no door and a grant's life neither, so the stream does not tell of them.
  if (source && asking % GRANTS_BEATS === 0) await ask();
  if (!source) {
    const seen = await ask(asking % 5 === 0 ? "reload" : "no-cache");
    if (seen && asking % 5 === 0) listen(seen.live);
  }
  setTimeout(watch, ASK_MS);
}

async function send(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Portvakt-Page": "doors", "X-CSRF-Token": csrf },
    body: JSON.stringify(body),
  });
  return answer.status === 204 ? {} : answer.json();
}

function tell(panel, told) {
  const line = panel.querySelector("[data-told]");
  line.textContent = told.sentence ?? "";
  line.dataset.granted = String(told.granted ?? false);
}

// What a controller answers comes when it comes, and no stream tells of it.
async function happen(box, act, value) {
  tell(box, await send(box.dataset.url, { act, value }));
  for (const wait of LAMP_MS) setTimeout(ask, wait);
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("button[data-does]");
  if (act) happen(act.closest(".controller"), act.dataset.does, "");
  const card = event.target.closest("[data-fill]");
  if (!card) return;
  card.form.querySelector("input").value = card.dataset.fill;
  card.form.requestSubmit();
});

document.addEventListener("click", async (event) => {
  const hand = event.target.closest("[data-act]");
  if (!hand) return;
  tell(hand.closest(".door"), await send(hand.dataset.url, { act: hand.dataset.act }));
  ask();
});

// Keys go out one after the other, as fingers press them.
let presenting = Promise.resolve();

function present(control, way, value) {
  const address = control.closest("[data-reader]").dataset.url;
  presenting = presenting.then(async () => {
    const told = await send(address, { way, value }).catch(() => ({}));
    tell(control.closest(".door"), told);
    if (way === "keys" && value !== "#") return;
    // The lamp is lit for a few seconds only, and no stream tells of it.
    for (const wait of LAMP_MS) setTimeout(ask, wait);
  });
}

document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]");
  if (key) present(key, "keys", key.dataset.key);
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".reader");
  if (!form) return;
  event.preventDefault();
  const field = form.querySelector("input");
  if (form.dataset.does) {
    happen(form.closest(".controller"), form.dataset.does, field.value);
    return;
  }
  if (form.dataset.way) {
    present(form, form.dataset.way, field.value);
    field.value = "";
    return;
  }
  const told = await send(form.dataset.url, { [form.dataset.asks ?? "value"]: field.value });
  field.value = "";
  tell(form.closest(".door"), told);
  ask();
});

listen(wall.dataset.stream);
setTimeout(watch, ASK_MS);
say("asking");
