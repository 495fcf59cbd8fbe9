// Sounds say the same as the screen; a kiosk without loudspeaker loses nothing.
export function play(name) {
  const sound = new Audio(`${document.body.dataset.sounds}${name}.wav`);
  sound.play().catch(() => {});
}
