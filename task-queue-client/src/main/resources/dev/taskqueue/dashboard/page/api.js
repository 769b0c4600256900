// Speaks to the JSON API: one function to read, one to act. What fails is a Problem, which says why in a sentence.
import { wantSignIn } from "./store.js";

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The server answered ${status}`);
    this.status = status;
    this.body = body;
  }
}

async function answer(response) {
  const text = await response.text();
  let body;
  try {
    body = text === "" ? {} : JSON.parse(text);
  } catch {
    body = { title: `The server answered ${response.status} with something other than JSON` };
  }
  if (!response.ok) {
    throw new Problem(response.status, body);
  }
  return body;
}

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", credentials: "same-origin", ...options });
  } catch (e) {
    if (e.name === "AbortError") {
      throw e;
    }
    throw new Problem(0, { title: "The dashboard's server does not answer" });
  }
  return answer(response);
}

/** The query string of those parameters that have a value. */
export function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

export function read(path, parameters = {}, signal = undefined) {
  return send(`api/${path}${query(parameters)}`, { signal });
}

/** Asks for a sign-in, too, where the session has ended: what was typed stays beneath it. */
export async function act(path, body = {}, method = "POST") {
  try {
    return await post(`api/${path}`, body, method);
  } catch (e) {
    if (e.status === 401) {
      wantSignIn();
    }
    throw e;
  }
}

export function signInWith(token) {
  return post("sign-in", { token }, "POST");
}

export function signOutOf() {
  return fetch("sign-out", { method: "POST", redirect: "manual" });
}

function post(path, body, method) {
  const json = { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return send(path, { method, ...(method === "DELETE" ? {} : json) });
}
