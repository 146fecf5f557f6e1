// Enter in a line of text never hands a form in, and a form is not sent twice by an impatient finger.
export function guardForms(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key !== "Enter" || event.isComposing || !(target instanceof HTMLInputElement)) return;
    if (!target.form?.hasAttribute("data-guarded")) return;
    if (!["submit", "button", "file", "checkbox", "radio"].includes(target.type)) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset.sent;
  });
}

/** Tick or untick every box of a column at once; shown by scripts only. */
export function checkAll(root: ParentNode): void {
  for (const label of root.querySelectorAll<HTMLElement>("[data-check-all][hidden]")) {
    label.hidden = false;
    label.querySelector("input")?.addEventListener("change", (event) => {
      const name = label.dataset.checkAll ?? "";
      const boxes = document.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name="${name}"]`);
      for (const box of boxes) box.checked = (event.target as HTMLInputElement).checked;
    });
  }
}
