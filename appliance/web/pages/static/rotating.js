// The pass whose code changes: TOTP (RFC 6238) with HMAC-SHA-256, as appliance/keys/rotating.py checks it.
import encodeQR from "./vendor/qr.js";

const PASS_PREFIX = "PV1";
const ROTATING_PREFIX = "PV2";
const QUIET_ZONE = 4;
const SVG = "http://www.w3.org/2000/svg";

export function bytesOf(spelled) {
  const text = atob(spelled.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

/** What shows at an instant: `pass` as the API gave it, `at` in milliseconds since 1970. */
export async function makeShown(pass) {
  const key = await crypto.subtle.importKey("raw", bytesOf(pass.seed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const body = ROTATING_PREFIX + pass.token.slice(PASS_PREFIX.length);
  return async (at) => body + (await code(key, stepAt(pass, at), pass.digits));
}

export function stepAt(pass, at) {
  return Math.floor(at / 1000 / pass.step_s);
}

async function code(key, step, digits) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter));
  const cut = mac.getUint32(mac.getUint8(mac.byteLength - 1) & 15) & 0x7fffffff;
  return String(cut % 10 ** digits).padStart(digits, "0");
}

/** A picture of a text, of the same kind as the unit's own (appliance/keys/qr_picture.py). */
export function picture(text) {
  const rows = encodeQR(text, "raw", { ecc: "medium", encoding: "alphanumeric", border: QUIET_ZONE });
  const side = rows.length;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  const dark = rows.flatMap((row, y) => row.map((is, x) => (is ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  for (const [fill, d] of [["#fff", `M0 0h${side}v${side}H0z`], ["#000", dark]]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("fill", fill);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
