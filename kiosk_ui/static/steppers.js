// How many of each extra: buttons count up and down between none, the least and the most.
import { play } from "./sounds.js";

export function beginSteppers() {
  for (const stepper of document.querySelectorAll("[data-stepper]")) {
    const output = stepper.querySelector("output");
    const field = stepper.querySelector("input");
    const [less, more] = stepper.querySelectorAll("[data-step]");
    const least = Number(stepper.dataset.least);
    const most = Number(stepper.dataset.most);
    const show = (quantity) => {
      output.textContent = field.value = String(quantity);
      less.disabled = quantity === 0;
      more.disabled = quantity === most;
      stepper.classList.toggle("is-chosen", quantity > 0);
    };
    less.addEventListener("click", () => {
      const now = Number(field.value);
      play("key");
      show(now <= least ? 0 : now - 1);
    });
    more.addEventListener("click", () => {
      const now = Number(field.value);
      play("key");
      show(now < least ? least : Math.min(now + 1, most));
    });
    show(Number(field.value));
  }
}
