// Sends chosen files at once and shows how far they are; without it they travel with the form.
export function mount(host: HTMLElement): void {
  const input = host.querySelector<HTMLInputElement>("input[type=file]");
  const list = host.querySelector<HTMLElement>(".files");
  if (!input || !list) return;
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    input.value = "";
    for (const file of files) send(host, input, list, file);
  });
}

function send(host: HTMLElement, input: HTMLInputElement, list: HTMLElement, file: File): void {
  const line = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  name.textContent = file.name;
  bar.max = 100;
  bar.setAttribute("aria-label", file.name);
  line.append(name, bar);
  if (!input.multiple) list.replaceChildren();
  list.append(line);

  const body = new FormData();
  body.append("csrf_token", host.dataset.csrf ?? "");
  body.append("field", input.name);
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", host.dataset.url ?? "");
  request.setRequestHeader("Accept", "text/html-fragment");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = (event.loaded / event.total) * 100;
  });
  request.addEventListener("load", () => {
    if (request.status === 201) {
      const parsed = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("li");
      if (parsed) line.replaceWith(document.importNode(parsed, true));
      input.dispatchEvent(new CustomEvent("zc:changed", { bubbles: true }));
    } else {
      bar.remove();
      const fault = document.createElement("span");
      fault.className = "fault";
      fault.textContent = request.responseText.slice(0, 300);
      line.append(fault);
    }
  });
  request.addEventListener("error", () => {
    bar.remove();
    line.append(host.dataset.failed ?? "");
  });
  request.send(body);
}
