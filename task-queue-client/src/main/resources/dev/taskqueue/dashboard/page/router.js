// Which page is looked at: #/name/argument?parameters. Nothing in an address acts.

/** The page of the address, as { name, argument, parameters }. */
export function route() {
  const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [name, ...rest] = path.split("/");
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // Not encoded: taken as it is.
  }
  return { name: name || "overview", argument, parameters: Object.fromEntries(new URLSearchParams(search)) };
}

export function hashOf(name, parameters = {}, argument = "") {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== undefined);
  const search = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
  return `#/${name}${argument ? `/${encodeURIComponent(argument)}` : ""}${search}`;
}

export function go(name, parameters = {}, argument = "") {
  location.hash = hashOf(name, parameters, argument);
}
