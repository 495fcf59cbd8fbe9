// How long a time is still kept, in words; at the end the unit is asked, which says what happened.
export function beginCountdown() {
  const held = document.querySelector("[data-expires-in]");
  if (!held) return;
  const shown = held.querySelector("[data-left]");
  const ends = performance.now() + Number(held.dataset.expiresIn) * 1000;
  const draw = () => {
    const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
    const minutes = Math.floor(left / 60);
    shown.textContent = minutes ? `${minutes} min ${left % 60} s` : `${left} s`;
    if (left === 0) {
      clearInterval(timer);
      location.replace(held.dataset.expired);
    }
  };
  const timer = setInterval(draw, 1000);
  draw();
}
