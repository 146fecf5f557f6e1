// Keeps what is typed on the server while one types, draws the fields again when a choice shows or hides others, and
// warns before unsaved words are left behind. Without it the buttons of the form do the same.
const PAUSE = 1500;

interface Kept {
  message: string;
  version?: number;
}

export function mount(host: HTMLElement): void {
  const form = host as HTMLFormElement;
  const told = document.getElementById("draft-state");
  let changes = 0;
  let kept = 0;
  let loose = false;
  let timer = 0;
  let busy = false;
  let stopped = false;

  const say = (text: string): void => {
    if (told) told.textContent = text;
  };
  const plan = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void save(), PAUSE);
  };

  async function save(): Promise<void> {
    if (busy || stopped || kept === changes) return;
    busy = true;
    const upTo = changes;
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(form.dataset.draftUrl ?? "", { method: "POST", body: texts(form), headers });
      const result = (await answer.json()) as Kept;
      say(result.message);
      if (answer.ok) {
        kept = upTo;
        const version = form.elements.namedItem("draft_version");
        if (version instanceof HTMLInputElement) version.value = String(result.version ?? "");
      } else {
        stopped = true;
      }
    } catch {
      say(form.dataset.offline ?? "");
    } finally {
      busy = false;
      if (kept !== changes && !stopped) plan();
    }
  }

  async function redraw(button?: string): Promise<void> {
    let asked: number;
    let text: string;
    do {
      asked = changes; // what is typed while the answer is on its way must not be drawn over
      const body = texts(form);
      if (button) body.set("act", button);
      const answer = await fetch(form.dataset.fieldsUrl ?? "", { method: "POST", body });
      if (!answer.ok) return;
      text = await answer.text();
    } while (asked !== changes);
    draw(text);
  }

  const changed = (event: Event): void => {
    const target = event.target as HTMLInputElement;
    if (target.type === "file" && event.type !== "zc:changed") return;
    if (target.hasAttribute("data-loose")) {
      loose = true;
      return;
    }
    changes += 1;
    plan();
  };
  form.addEventListener("input", changed);
  form.addEventListener("zc:changed", changed);
  form.addEventListener("change", (event) => {
    const target = event.target as HTMLInputElement;
    const chooses = target instanceof HTMLSelectElement || ["radio", "checkbox"].includes(target.type);
    if (form.hasAttribute("data-redraws") && chooses) void redraw();
  });
  form.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>("button[name=act]");
    if (!button || !/^(add|remove):/.test(button.value)) return;
    event.preventDefault();
    changes += 1;
    void redraw(button.value).then(plan);
  });
  form.addEventListener("submit", () => {
    stopped = true;
    loose = false;
    kept = changes;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void save();
  });
  window.addEventListener("beforeunload", (event) => {
    if (kept !== changes || loose) event.preventDefault();
  });
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
