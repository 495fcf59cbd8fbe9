// The on-screen keyboard writes where the cursor is; a connected keyboard writes there by itself.
export function beginKeys() {
  const field = document.querySelector(".field input");
  if (!field) return;
  field.focus({ preventScroll: true });
  field.setSelectionRange(field.value.length, field.value.length);
  // The cursor stays in the field, so that both keyboards can be used in turn.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".key")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-writes], [data-deletes]");
    if (!key) return;
    const start = field.selectionStart;
    const end = field.selectionEnd;
    if ("writes" in key.dataset) {
      if (field.value.length < field.maxLength) field.setRangeText(key.dataset.writes, start, end, "end");
    } else {
      field.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end");
    }
  });
}
