// The end of a visit: the unit forgets it, and the page with it, also when the unit cannot be reached just now.
const RETRY_MS = 2000;

export async function leave() {
  const { reset, home, formToken } = document.body.dataset;
  document.querySelector("main").replaceChildren();
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  const form = new FormData();
  form.set("form_token", formToken);
  try {
    await fetch(reset, { method: "POST", body: form, redirect: "manual" });
    location.replace(home);
  } catch {
    setTimeout(leave, RETRY_MS);
  }
}
