// The preview follows what is typed; without this script the button shows it.
const form = document.querySelector("[data-words]");
const PAUSE_MS = 400;
let waiting = 0;
let asked = 0;

async function follow() {
  const turn = (asked += 1);
  const body = new FormData(form);
  body.set("act", "preview");
  const answer = await fetch(form.action || location.href, { method: "POST", body });
  if (turn !== asked || ![200, 422].includes(answer.status)) return;
  const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("[data-preview]").replaceChildren(...shown.querySelector("[data-preview]").childNodes);
}

form?.addEventListener("input", (event) => {
  if (event.target.name === "to") return;
  clearTimeout(waiting);
  waiting = setTimeout(() => follow().catch(() => {}), PAUSE_MS);
});
