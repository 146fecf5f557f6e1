// What the server did not take stays in this tab until it does: a session that ended, a network that is down.
const PREFIX = "zc-draft:";

export interface Kept {
  version: string;
  fields: [string, string][];
}

const LEFT_OUT = ["csrf_token", "draft_version", "act"];

/** What of a form is worth keeping: files travel by themselves, tokens belong to their session. */
export function wordsOf(body: FormData): [string, string][] {
  return [...body.entries()].filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && !LEFT_OUT.includes(entry[0]),
  );
}

/** Keep the texts of a form under the version of the draft that they rest on. */
export function keep(place: string, version: string, body: FormData): void {
  const fields = wordsOf(body);
  try {
    sessionStorage.setItem(PREFIX + place, JSON.stringify({ version, fields }));
  } catch {
    // full or forbidden: the page itself still holds it, and says that nothing was saved
  }
}

export function recall(place: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + place) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

export function forget(place: string): void {
  try {
    sessionStorage.removeItem(PREFIX + place);
  } catch {
    // nothing was kept either
  }
}

/** Whoever has handed a task in is sent to a list with its id: what the tab kept of it is of no use any more. */
export function forgetDone(): void {
  const done = /^#done-(\w+)$/.exec(window.location.hash);
  if (done) forget(`/tasks/${done[1]}`);
}
