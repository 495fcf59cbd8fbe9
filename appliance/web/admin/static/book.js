// A booking by keyboard: the page is asked again while one types, and Enter leads from who to what to when, then books.
const form = document.querySelector("[data-book]");
const WAIT_MS = 120;
const PARTS = ["book-people", "book-what", "book-times", "book-trouble"];
let asked = 0;
let timer;

async function ask(kept) {
  const turn = (asked += 1);
  const body = new FormData(form);
  body.set("act", "look");
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
  if (turn !== asked || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of PARTS) {
    const old = document.getElementById(id);
    const fresh = page.getElementById(id);
    if (!old || !fresh || id === kept || old.contains(document.activeElement)) continue;
    old.replaceWith(document.adoptNode(fresh));
  }
  form.dataset.asked = String(turn);
}

function later(event) {
  const field = event.target;
  const part = field.closest("#book-people, #book-what, #book-times")?.id;
  if (field.name === "start" || ["name", "phone", "email"].includes(field.name)) return;
  clearTimeout(timer);
  timer = setTimeout(() => ask(part), WAIT_MS);
}

function next(field) {
  const people = form.querySelector("#book-people input:checked, #book-people input");
  const stops = {
    typed: people,
    customer: form.elements.namedItem("service"),
    name: form.querySelector("#phone"),
    phone: form.elements.namedItem("service"),
    email: form.elements.namedItem("service"),
  };
  return stops[field.name] ?? form.querySelector("#book-times input:checked");
}

form?.addEventListener("input", later);
form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.matches("button, summary, a")) return;
  event.preventDefault();
  if (event.target.name === "start") {
    form.requestSubmit(form.querySelector("[value=book]"));
    return;
  }
  next(event.target)?.focus();
});
