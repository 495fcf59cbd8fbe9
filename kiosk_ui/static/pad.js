// The PIN pad: touched digits, a USB keypad and a keyboard are the same. # or Enter ends. No digit outlives the page.
import { play } from "./sounds.js";

const MOST_DIGITS = 9;
const USUAL_DIGITS = 6;

export function beginPad() {
  const form = document.querySelector("form.pad");
  if (!form) return () => {};
  const dots = document.querySelector("[data-dots]");
  const count = document.querySelector("[data-typed-count]");
  const show = form.querySelector("[data-digit-show]");
  let typed = "";
  let isSent = false;

  const draw = () => {
    const isShown = show.getAttribute("aria-pressed") === "true";
    dots.classList.toggle("is-shown", isShown);
    dots.replaceChildren(
      ...Array.from({ length: Math.max(USUAL_DIGITS, typed.length) }, (_, index) => {
        const dot = document.createElement("span");
        dot.classList.toggle("is-typed", index < typed.length);
        if (isShown && index < typed.length) dot.textContent = typed[index];
        return dot;
      }),
    );
    count.textContent = typed.length === 1 ? count.dataset.one : `${count.dataset.many}${typed.length}`;
  };
  const write = (digit) => {
    if (isSent || typed.length >= MOST_DIGITS) return;
    typed += digit;
    play("key");
    draw();
  };
  const remove = () => {
    typed = typed.slice(0, -1);
    draw();
  };
  const end = () => {
    if (isSent || !typed) return;
    isSent = true;
    form.elements.value.value = typed;
    form.submit();
  };

  form.addEventListener("click", (event) => {
    const digit = event.target.closest("[data-digit]");
    if (digit) write(digit.dataset.digit);
    else if (event.target.closest("[data-digit-delete]")) remove();
    else if (event.target.closest("[data-digit-show]")) {
      show.setAttribute("aria-pressed", String(show.getAttribute("aria-pressed") !== "true"));
      draw();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    end();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const isElsewhere = event.target.closest?.("a, .bar button, .choice input");
    if (/^[0-9]$/.test(event.key)) write(event.key);
    else if (event.key === "Backspace") remove();
    else if (event.key === "#" || (event.key === "Enter" && !isElsewhere)) end();
    else return;
    event.preventDefault();
  });
  draw();
  return () => {
    typed = "";
    draw();
  };
}
