// Sheets lie over a screen: adapt the screen, help. The browser's own <dialog> keeps the focus inside.
export function beginSheets() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    else if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  });
}
