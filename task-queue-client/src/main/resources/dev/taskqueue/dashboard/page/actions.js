// What a person may do: each asks where it should, acts, says what became of it, and reads the page again.
import { act, read } from "./api.js";
import { ask, say, saySteadily } from "./dialogs.js";
import { count, plural } from "./format.js";
import { reload } from "./resource.js";
import { restart } from "./live.js";

async function attempt(path, body, told, method = "POST") {
  try {
    const answer = await act(path, body, method);
    say(told(answer));
    return answer;
  } catch (e) {
    say(e.message, true);
    return null;
  } finally {
    reload();
    restart();
  }
}

export async function pauseQueue(queue) {
  const entered = await ask({
    title: `Pause the queue ${queue}?`,
    text: "Workers begin nothing more until it is resumed; what runs goes on.",
    action: "Pause",
    fields: [
      { name: "reason", label: "Why, for whoever finds it paused", placeholder: "migration" },
      { name: "for", label: "For how long; empty: until somebody resumes it", placeholder: "10m" },
    ],
  });
  if (entered) {
    const { reason, for: lasts } = entered;
    await attempt(`queues/${encodeURIComponent(queue)}/pause`, lasts ? { reason, for: lasts } : { reason }, (answer) =>
      answer.acknowledged === false
        ? `Paused ${queue}; not yet acknowledged by ${(answer.unacknowledged ?? []).join(", ")}`
        : `Paused ${queue}`,
    );
  }
}

export function resumeQueue(queue) {
  return attempt(`queues/${encodeURIComponent(queue)}/resume`, {}, () => `Resumed ${queue}`);
}

export async function cancelTask(id, queue) {
  const entered = await ask({
    title: "Cancel this task?",
    text: `${id}: if it has not begun it never will; if it runs it is interrupted.`,
    action: "Cancel the task",
    danger: true,
    fields: [{ name: "reason", label: "Why", placeholder: "no longer needed" }],
  });
  if (entered) {
    await attempt(`tasks/${encodeURIComponent(id)}/cancel${inQueue(queue)}`, entered, (answer) => sentences[answer.cancellation] ?? answer.cancellation);
  }
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
  const entered = await ask({
    title: `Retry ${plural(number, "dead letter")}?`,
    text: `${described}. Each keeps its id and begins with fresh retries.`,
    action: "Retry",
    fields: number > 100 ? [{ name: "rate", label: "At most so many a second, to spare what has just recovered", value: "100", type: "number" }] : [],
  });
  if (entered) {
    const rate = Number(entered.rate) || undefined;
    await inRounds("retry", queue, rate ? { ...selection, rate } : selection, "retried", "Retried");
  }
}

/** Deletes dead letters for good. */
export async function deleteDead({ queue, number, described, ...selection }) {
  const entered = await ask({
    title: `Delete ${plural(number, "dead letter")}?`,
    text: `${described}. They cannot be brought back.`,
    action: "Delete",
    danger: true,
    number,
  });
  if (entered) {
    await inRounds("delete", queue, selection, "deleted", "Deleted");
  }
}

/** The server bounds what one request does; it says how much is left. */
async function inRounds(what, queue, selection, field, past) {
  let done = 0;
  let body = selection;
  const progress = saySteadily(`${past} none so far …`);
  try {
    for (;;) {
      const answer = await act(`dead/${what}${inQueue(queue)}`, body);
      done += answer[field];
      if (!answer.next || selection.ids) {
        break;
      }
      body = { ...selection, cursor: answer.next };
      progress.say(`${past} ${count(done)} so far …`);
    }
    say(`${past} ${plural(done, "dead letter")}`);
  } catch (e) {
    say(done > 0 ? `${past} ${count(done)}, then: ${e.message}` : e.message, true);
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

export async function removeCron(name, queue) {
  const sure = await ask({ title: `Remove the schedule ${name}?`, text: "It fires no more; what it has enqueued stays.", action: "Remove", danger: true });
  if (sure) {
    await attempt(`crons/${encodeURIComponent(name)}${inQueue(queue)}`, {}, () => `Removed ${name}`, "DELETE");
  }
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
  URL.revokeObjectURL(link.href);
}
