// Keeps what is typed on the server while one types, draws the fields again when a choice shows or hides others, and
// warns before unsaved words are left behind. Without it the buttons of the form do the same.
import { forget, keep, recall, wordsOf, type Kept } from "./kept";

const PAUSE = 1500;
const AGAIN = 15000;
const MOST_CARRIED = 12000; // characters: four bytes each at most, and the parts around them
const LOGGED_OUT = [400, 401]; // the session, or the token that belonged to it, is over

interface Told {
  message: string;
  version?: number;
}

export function mount(host: HTMLElement): void {
  const form = host as HTMLFormElement;
  const place = window.location.pathname.replace(/\/sign$/, "");
  const told = document.getElementById("draft-state");
  let changes = 0;
  let kept = 0;
  let timer = 0;
  let busy = false;
  let stopped = false;

  const say = (text: string, link?: string): void => {
    if (!told) return;
    told.textContent = text;
    if (!link) return;
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = form.dataset.logIn ?? "";
    told.append(" ", anchor);
  };
  const version = (): string => (form.elements.namedItem("draft_version") as HTMLInputElement | null)?.value ?? "";
  const plan = (pause = PAUSE): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void save(), pause);
  };

  async function save(): Promise<void> {
    if (busy || stopped || kept === changes) return;
    busy = true;
    const upTo = changes;
    const body = texts(form);
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(form.dataset.draftUrl ?? "", { method: "POST", body, headers, keepalive: isLeaving(body) });
      if (LOGGED_OUT.includes(answer.status)) {
        keep(place, version(), body);
        kept = changes; // the tab holds it: one may leave
        say(form.dataset.loggedOut ?? "", form.dataset.loginUrl);
        return;
      }
      const result = (await answer.json()) as Told;
      say(result.message);
      if (answer.ok) {
        kept = upTo;
        forget(place);
        const field = form.elements.namedItem("draft_version");
        if (field instanceof HTMLInputElement) field.value = String(result.version ?? "");
      } else {
        keep(place, version(), body);
        stopped = true;
      }
    } catch {
      keep(place, version(), body);
      say(form.dataset.offline ?? "");
    } finally {
      busy = false;
      if (kept !== changes && !stopped) plan(told?.textContent === form.dataset.offline ? AGAIN : PAUSE);
    }
  }

  async function fieldsFor(body: FormData): Promise<string | null> {
    const answer = await fetch(form.dataset.fieldsUrl ?? "", { method: "POST", body });
    return answer.ok ? answer.text() : null;
  }

  async function redraw(button?: string): Promise<void> {
    let asked: number;
    let text: string | null;
    do {
      asked = changes; // what is typed while the answer is on its way must not be drawn over
      const body = texts(form);
      if (button) body.set("act", button);
      text = await fieldsFor(body);
      if (text === null) return;
    } while (asked !== changes);
    draw(text);
  }

  /** Put what the tab has kept back into the form, and have it saved. */
  async function restore(found: Kept): Promise<void> {
    const body = new FormData();
    body.set("csrf_token", (form.elements.namedItem("csrf_token") as HTMLInputElement).value);
    for (const [name, value] of found.fields) body.append(name, value);
    const text = await fieldsFor(body);
    if (text === null) return;
    draw(text);
    for (const [name, value] of found.fields) {
      const field = form.elements.namedItem(name);
      if (!name.startsWith("v/") && (field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && field.type === "text"))) {
        field.value = value;
        field.closest("details")?.setAttribute("open", "");
      }
    }
    changes += 1;
    say(form.dataset.restored ?? "");
    plan();
  }

  function lookForKept(): void {
    const found = recall(place);
    if (!found) return;
    if (JSON.stringify(found.fields) === JSON.stringify(wordsOf(texts(form)))) return forget(place);
    if (found.version === version()) return void restore(found);
    const note = document.createElement("div");
    note.className = "note warn";
    const text = document.createElement("p");
    text.textContent = form.dataset.found ?? "";
    note.append(text);
    for (const [word, does] of [
      [form.dataset.restore, () => void restore(found)],
      [form.dataset.drop, () => forget(place)],
    ] as [string | undefined, () => void][]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button slim";
      button.textContent = word ?? "";
      button.addEventListener("click", () => {
        note.remove();
        does();
      });
      note.append(button, " ");
    }
    form.before(note);
  }

  const changed = (event: Event): void => {
    const target = event.target as HTMLInputElement;
    if (target.type === "file" && event.type !== "zc:changed") return;
    changes += 1;
    plan();
  };
  let writing: HTMLTextAreaElement | null = null;
  form.addEventListener("focusin", (event) => {
    if (event.target instanceof HTMLTextAreaElement) writing = event.target;
  });
  form.addEventListener("input", changed);
  form.addEventListener("zc:changed", changed);
  form.addEventListener("change", (event) => {
    const target = event.target as HTMLInputElement;
    const chooses = target instanceof HTMLSelectElement || ["radio", "checkbox"].includes(target.type);
    if (form.hasAttribute("data-redraws") && chooses) void redraw();
  });
  form.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>("button[name=act]");
    if (button?.dataset.phrase !== undefined) {
      event.preventDefault();
      insert(form, writing, button.dataset.phrase);
      return;
    }
    if (!button || !/^(add|remove):/.test(button.value)) return;
    event.preventDefault();
    changes += 1;
    void redraw(button.value).then(() => plan());
  });
  form.addEventListener("submit", () => {
    keep(place, version(), texts(form)); // the session may have ended meanwhile
    stopped = true;
    kept = changes;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void save();
  });
  window.addEventListener("beforeunload", (event) => {
    if (kept !== changes) event.preventDefault();
  });
  lookForKept();
}

/** Whether the page may be closing and the words are few enough to outlive it: browsers carry 64 KiB. */
function isLeaving(body: FormData): boolean {
  const length = wordsOf(body).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return document.visibilityState === "hidden" && length < MOST_CARRIED;
}

/** Put a phrase where one is writing, else at the end of the comment. */
function insert(form: HTMLFormElement, writing: HTMLTextAreaElement | null, phrase: string): void {
  const comment = form.elements.namedItem("comment");
  const field = writing?.isConnected ? writing : comment instanceof HTMLTextAreaElement ? comment : null;
  if (!field) return;
  field.closest("details")?.setAttribute("open", "");
  const from = field === writing ? field.selectionStart : field.value.length;
  const to = field === writing ? field.selectionEnd : field.value.length;
  field.setRangeText(phrase, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

/** Put the fields in the place of the old ones; the reader stays where they were. */
function draw(text: string): void {
  const fields = document.getElementById("fields");
  if (!fields) return;
  const active = document.activeElement as HTMLInputElement | null;
  const caret = active?.type === "text" || active?.type === "textarea" ? active.selectionStart : null;
  const page = new DOMParser().parseFromString(text, "text/html");
  fields.replaceChildren(...[...page.body.childNodes].map((node) => document.importNode(node, true)));
  const again = active?.id ? (document.getElementById(active.id) as HTMLInputElement | null) : null;
  again?.focus();
  if (caret !== null) again?.setSelectionRange(caret, caret);
  document.dispatchEvent(new CustomEvent("zc:drawn"));
}

/** What the form holds, files left out: they travel by themselves. */
function texts(form: HTMLFormElement): FormData {
  const body = new FormData(form);
  const files = new Set([...body.entries()].filter(([, value]) => value instanceof File).map(([name]) => name));
  for (const name of files) {
    const kept = body.getAll(name).filter((value) => typeof value === "string");
    body.delete(name);
    for (const value of kept) body.append(name, value);
  }
  return body;
}
