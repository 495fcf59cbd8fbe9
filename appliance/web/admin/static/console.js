// The rail folds away on a phone. Without this script it simply stands there.
const menu = document.querySelector("[data-menu]");
const rail = menu?.closest(".rail");

function fold(open) {
  menu.setAttribute("aria-expanded", String(open));
  rail.classList.toggle("is-folded", !open);
}

if (menu) {
  menu.hidden = false;
  fold(false);
  menu.addEventListener("click", () => fold(menu.getAttribute("aria-expanded") !== "true"));
  rail.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.getAttribute("aria-expanded") !== "true") return;
    fold(false);
    menu.focus();
  });
}

// After a form that could not be accepted the first field with a fault is where one goes on.
document.querySelector('[aria-invalid="true"]')?.focus();
