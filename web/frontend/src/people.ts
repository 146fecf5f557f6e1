// Suggests people for the last name of a line; without it names and codes are typed in full.
const PAUSE = 250;
const BETWEEN = /[、,，;；]/;

interface Found {
  text: string;
  posts: string;
}

export function mount(host: HTMLElement): void {
  const input = host.querySelector<HTMLInputElement>("input");
  const list = host.querySelector<HTMLElement>("[data-suggestions]");
  if (!input || !list) return;
  let timer = 0;
  let asked = 0;

  const choose = (text: string): void => {
    const words = input.value.split(BETWEEN).map((word) => word.trim());
    words[words.length - 1] = text;
    input.value = `${words.filter(Boolean).join("、")}、`;
    list.hidden = true;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  };
  const show = (found: Found[]): void => {
    const buttons = found.map((each) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button slim";
      button.textContent = each.posts ? `${each.text} ${each.posts}` : each.text;
      button.addEventListener("click", () => choose(each.text));
      return button;
    });
    list.replaceChildren(...buttons);
    list.hidden = buttons.length === 0;
  };
  async function suggest(): Promise<void> {
    const word = (input?.value.split(BETWEEN).pop() ?? "").trim();
    const mine = ++asked;
    if (!word || /[(（]/.test(word)) return show([]);
    try {
      const answer = await fetch(`${host.dataset.url ?? ""}?q=${encodeURIComponent(word)}`, {
        headers: { Accept: "application/json" },
      });
      if (mine === asked) show(answer.ok ? ((await answer.json()) as Found[]) : []);
    } catch {
      show([]);
    }
  }
  input.addEventListener("input", (event) => {
    window.clearTimeout(timer);
    if (!(event as InputEvent).isComposing) timer = window.setTimeout(() => void suggest(), PAUSE);
  });
  input.addEventListener("compositionend", () => void suggest());
}
