// How figures, times and texts are shown. Nothing here knows the page.

const COUNTS = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const ABSOLUTE = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY_AND_TIME = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });

const STEPS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/** A count with its thousands apart; a dash where there is none. */
export function count(value) {
  return value === undefined || value === null ? "–" : COUNTS.format(value);
}

/** A rate in tasks a second, with as many digits as mean something. */
export function rate(perSecond) {
  if (perSecond === 0 || perSecond >= 100) {
    return `${COUNTS.format(perSecond)}/s`;
  }
  return perSecond >= 1 ? `${perSecond.toFixed(1)}/s` : `${(perSecond * 60).toFixed(1)}/min`;
}

/** A length of time in its two largest units, such as "3 h 12 min". */
export function duration(ms) {
  if (ms < 1_000) {
    return `${Math.max(0, Math.round(ms))} ms`;
  }
  for (let i = 0; i < STEPS.length; i++) {
    const [size, unit] = STEPS[i];
    if (ms >= size) {
      const whole = Math.floor(ms / size);
      if (unit === "s") {
        return whole < 10 ? `${(ms / size).toFixed(1)} s` : `${whole} s`;
      }
      const [below, belowUnit] = STEPS[i + 1];
      const rest = Math.floor((ms % size) / below);
      return rest === 0 || whole >= 10 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${belowUnit}`;
    }
  }
  return "0 s";
}

/** A moment as seen from now: "3 min ago", "in 12 s". */
export function relative(iso, now) {
  const distance = now - Date.parse(iso);
  if (Math.abs(distance) < 1_000) {
    return "now";
  }
  return distance > 0 ? `${duration(distance)} ago` : `in ${duration(-distance)}`;
}

export function absolute(iso) {
  return ABSOLUTE.format(new Date(iso));
}

/** A moment of the days to come, such as "Thu 03:00". */
export function dayAndTime(iso) {
  return DAY_AND_TIME.format(new Date(iso));
}

export function clock(ms) {
  return CLOCK.format(new Date(ms));
}

/** The end of an id: those that we make begin with the time, and so are alike at the beginning. */
export function shortId(id) {
  return id.length <= 16 ? id : `…${id.slice(-12)}`;
}

export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** An argument as a POSIX shell reads it back. */
function shellArgument(text) {
  return /^[\w@%+=:,./*-]+$/.test(text) && !text.includes("*") ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The command that does the same as the page, to be copied. Ids and types can be anything, "--all" too, which no quotes keep from
 * being an option: such an id stands behind "--", such a value behind "=".
 * @param options by name; those without a value are left out
 * @param id the task or letter that it is about; empty for none
 */
export function shellCommand(verb, options = {}, id = "") {
  const given = Object.entries(options).filter(([, value]) => value);
  const words = given.map(([name, value]) => ` --${name}${value.startsWith("-") ? "=" : " "}${shellArgument(value)}`).join("");
  const argument = id && ` ${shellArgument(id)}`;
  return `client.jar ${verb}${id.startsWith("-") ? `${words} --${argument}` : `${argument}${words}`}`;
}

/** A class name without its package, for where space is short; any other text as it is. */
export function simpleName(text) {
  return /^[\w$]+(\.[\w$]+)+$/.test(text) ? text.slice(text.lastIndexOf(".") + 1) : text;
}
