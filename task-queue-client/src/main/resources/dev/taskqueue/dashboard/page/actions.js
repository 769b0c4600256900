// What a person may do: each asks where it should, acts, says what became of it, and reads the page again.
import { act, read } from "./api.js";
import { ask, say, saySteadily } from "./dialogs.js";
import { count, plural } from "./format.js";
import { reload } from "./resource.js";
import { restart } from "./live.js";

/** Acts, says what became of it, and reads the page again; throws a Problem. */
async function perform(path, body, told, method = "POST") {
  try {
    const answer = await act(path, body, method);
    say(told(answer));
  } finally {
    reload();
    restart();
  }
}

/** The same for what is not asked about before: a failure is said in the corner. */
async function attempt(...what) {
  try {
    await perform(...what);
  } catch (e) {
    say(e.message, true);
  }
}

export function pauseQueue(queue) {
  return ask({
    title: `Pause the queue ${queue}?`,
    text: "Workers begin nothing more until it is resumed; what runs goes on.",
    action: "Pause",
    fields: [
      { name: "reason", label: "Why, for whoever finds it paused", placeholder: "migration" },
      { name: "for", label: "For how long; empty: until somebody resumes it", placeholder: "10m" },
    ],
    perform: ({ reason, for: lasts }) =>
      perform(`queues/${encodeURIComponent(queue)}/pause`, lasts ? { reason, for: lasts } : { reason }, (answer) =>
        answer.acknowledged === false
          ? `Paused ${queue}; not yet acknowledged by ${(answer.unacknowledged ?? []).join(", ")}`
          : `Paused ${queue}`,
      ),
  });
}

export function resumeQueue(queue) {
  return attempt(`queues/${encodeURIComponent(queue)}/resume`, {}, () => `Resumed ${queue}`);
}

export function cancelTask(id, queue) {
  return ask({
    title: "Cancel this task?",
    text: `${id}: if it has not begun it never will; if it runs it is interrupted.`,
    action: "Cancel the task",
    danger: true,
    fields: [{ name: "reason", label: "Why", placeholder: "no longer needed" }],
    perform: (entered) =>
      perform(`tasks/${encodeURIComponent(id)}/cancel${inQueue(queue)}`, entered, (answer) => sentences[answer.cancellation] ?? answer.cancellation),
  });
}

const sentences = {
  removed: "Cancelled; it will not run",
  requested: "Cancel requested; its worker interrupts it",
  already_ended: "It had ended already",
  unknown: "No task of this id was found",
};

function inQueue(queue) {
  return queue ? `?queue=${encodeURIComponent(queue)}` : "";
}

/** Retries dead letters: some ids, or all that fit a filter. */
export async function retryDead({ queue, number, described, ...selection }) {
  const question = await counted("retry", queue, number, described, selection);
  return question && ask({
    ...question,
    title: `Retry ${plural(question.number, "dead letter")}?`,
    text: `${question.text} Each keeps its id and begins with fresh retries.`,
    action: "Retry",
    fields: question.number > 100 ? [{ name: "rate", label: "At most so many a second, to spare what has just recovered", value: "100", type: "number" }] : [],
    perform: ({ rate }) => inRounds("retry", queue, Number(rate) ? { ...selection, rate: Number(rate) } : selection, "retried", "Retried"),
  });
}

/** Deletes dead letters for good. */
export async function deleteDead({ queue, number, described, ...selection }) {
  const question = await counted("delete", queue, number, described, selection);
  return question && ask({
    ...question,
    title: `Delete ${plural(question.number, "dead letter")}?`,
    text: `${question.text} They cannot be brought back.`,
    action: "Delete",
    danger: true,
    perform: () => inRounds("delete", queue, selection, "deleted", "Deleted"),
  });
}

/**
 * How many it concerns: of a filter that is counted, since it may fit more than what was looked at.
 * @param shown how many the page shows; undefined where it has not looked at all
 * @returns { number, text }; null if it could not be counted
 */
async function counted(what, queue, shown, described, { ids, filter }) {
  if (!filter) {
    return { number: ids ? ids.length : shown, text: `${described}.` };
  }
  const progress = saySteadily("Counting …");
  let number = 0;
  try {
    let cursor;
    do {
      const answer = await act(`dead/${what}${inQueue(queue)}`, { filter, cursor, dry_run: true, limit: 10_000 });
      number += answer.matched - (answer.not_tasks ?? 0) * (what === "retry");
      cursor = answer.next;
    } while (cursor);
  } catch (e) {
    say(e.message, true);
    return null;
  } finally {
    progress.end();
  }
  const more = shown !== undefined && number > shown ? " These are more than the group: the filter fits others, too." : "";
  return { number, text: `${described}.${more}` };
}

/** The server bounds what one request does, and says how much is left: the first is awaited, the rest goes on beside. */
async function inRounds(what, queue, selection, field, past) {
  const first = await act(`dead/${what}${inQueue(queue)}`, selection);
  goOn(what, queue, selection, field, past, first);
}

async function goOn(what, queue, selection, field, past, first) {
  let done = first[field];
  let cursor = selection.ids ? undefined : first.next;
  const progress = cursor ? saySteadily(`${past} ${count(done)} so far …`) : { say() {}, end() {} };
  try {
    while (cursor) {
      const answer = await act(`dead/${what}${inQueue(queue)}`, { ...selection, cursor });
      done += answer[field];
      cursor = answer.next;
      progress.say(`${past} ${count(done)} so far …`);
    }
    say(`${past} ${plural(done, "dead letter")}`);
  } catch (e) {
    say(`${past} ${count(done)}, then: ${e.message}`, true);
  } finally {
    progress.end();
    reload();
    restart();
  }
}

export function changeCron(name, what, queue) {
  const past = { pause: "Paused", resume: "Resumed", run: "Enqueued a task of" };
  return attempt(`crons/${encodeURIComponent(name)}/${what}${inQueue(queue)}`, {}, () => `${past[what]} ${name}`);
}

export function removeCron(name, queue) {
  return ask({
    title: `Remove the schedule ${name}?`,
    text: "It fires no more; what it has enqueued stays.",
    action: "Remove",
    danger: true,
    perform: () => perform(`crons/${encodeURIComponent(name)}${inQueue(queue)}`, {}, () => `Removed ${name}`, "DELETE"),
  });
}

/** Of each queue that it serves: any of them has it stop claiming in all. */
export async function quietWorker(worker, off, queues) {
  for (const queue of off ? queues : queues.slice(0, 1)) {
    const path = `workers/${encodeURIComponent(worker)}/${off ? "unquiet" : "quiet"}${inQueue(queue)}`;
    await attempt(path, {}, () => (off ? `${worker} claims again` : `${worker} claims nothing more and finishes what runs`));
  }
}

export function runNow(id, queue) {
  return attempt(`tasks/${encodeURIComponent(id)}/run${inQueue(queue)}`, {}, (answer) => (answer.ready ? "Ready now; a worker takes it next" : "It is not scheduled any more"));
}

const MOST_EXPORTED = 100_000;

/** Saves dead letters as NDJSON, one a line, as `client.jar dead export` does. */
export async function exportDead(filter, queue) {
  const parts = [];
  let number = 0;
  let cursor = "";
  const progress = saySteadily("Exported none so far …");
  try {
    do {
      const page = await read("dead", { ...filter, queue, cursor, limit: 500 });
      parts.push(...page.letters.map((letter) => `${JSON.stringify(letter)}\n`));
      number += page.letters.length;
      cursor = page.next;
      progress.say(`Exported ${count(number)} so far …`);
    } while (cursor && number < MOST_EXPORTED);
    save(new Blob(parts, { type: "application/x-ndjson" }), `dead-${queue}.ndjson`);
    say(cursor ? `Exported the newest ${count(number)}; the command line exports more` : `Exported ${plural(number, "dead letter")}`);
  } catch (e) {
    say(e.message, true);
  } finally {
    progress.end();
  }
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
