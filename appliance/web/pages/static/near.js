// "Near me": the browser says where it is, to about a hundred metres, and the form asks again from there.
const form = document.querySelector("form[data-near]");
const button = form?.querySelector(".near-me");
const wrong = form?.querySelector(".near-wrong");

function ask(found) {
  const near = form.elements.near;
  const here = form.dataset.near;
  form.elements.at.value = `${found.coords.latitude.toFixed(3)},${found.coords.longitude.toFixed(3)}`;
  if (![...near.options].some((each) => each.value === here)) near.add(new Option(button.textContent.trim(), here));
  near.value = here;
  form.requestSubmit();
}

function refuse() {
  button.disabled = false;
  wrong.hidden = false;
}

if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    wrong.hidden = true;
    navigator.geolocation.getCurrentPosition(ask, refuse, { maximumAge: 600_000, timeout: 10_000 });
  });
}
