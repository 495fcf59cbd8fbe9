// The key pair of this phone for one booking. Its private half is made so that no script can read it out, and lies in
// this browser's IndexedDB; what is signed is told in appliance/keys/mobile_keys.py.
import { bytesOf } from "./rotating.js";

const SIGNING = { name: "ECDSA", namedCurve: "P-256" };
const HASHED = { name: "ECDSA", hash: "SHA-256" };
const DOMAIN = new TextEncoder().encode("portvakt-mobile-1\0");
const STORE = "keys";

export function spelled(bytes) {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** `{ id, privateKey }` of a booking, undefined where this phone has none. */
export function kept(booking) {
  return inStore("readonly", (store) => store.get(booking));
}

export function forget(booking) {
  return inStore("readwrite", (store) => store.delete(booking));
}

/** Make a pair, have `bind` give its public half an id, and keep it. */
export async function make(booking, bind) {
  const pair = await crypto.subtle.generateKey(SIGNING, false, ["sign"]);
  const id = await bind(spelled(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const key = { id, privateKey: pair.privateKey };
  await inStore("readwrite", (store) => store.put(key, booking));
  return key;
}

/** The answer to a challenge of a door. */
export async function answer(key, door, challenge) {
  const parts = [DOMAIN, bytesOf(challenge), idBytes(door), idBytes(key.id)];
  const signature = await crypto.subtle.sign(HASHED, key.privateKey, await new Blob(parts).arrayBuffer());
  return `PM1.${challenge}.${key.id}.${spelled(signature)}`;
}

function idBytes(id) {
  return Uint8Array.from(id.replaceAll("-", "").match(/../g), (two) => Number.parseInt(two, 16));
}

async function inStore(mode, act) {
  const database = await settled(opening());
  try {
    return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function opening() {
  const request = indexedDB.open("portvakt-keys", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return request;
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
