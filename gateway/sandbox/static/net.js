/* Asking the servers behind the page. */

export async function ask(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

export function tell(address, told) {
  return fetch(address, { method: "POST", body: JSON.stringify(told ?? {}), headers: { "content-type": "application/json" } });
}

export function upload(address, blob, kind) {
  return fetch(address, { method: "POST", body: blob, headers: { "content-type": kind || blob.type || "image/jpeg" } });
}

export function clock(date) {
  return date.toLocaleTimeString("id-ID", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Makassar" });
}

let found = null;

/** The sample photos, from the gallery that the chat page offers: [{name, meaning, address}]. */
export function samples() {
  found ??= gallery().catch(() => ((found = null), []));
  return found;
}

async function gallery() {
  const answer = await fetch("/samples");
  if (!answer.ok) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll(".gallery li")].map((item) => {
    const name = item.querySelector("a").getAttribute("href").split("/").at(-1);
    return { name: decodeURIComponent(name), meaning: item.querySelector("p").textContent, address: `/samples/${name}` };
  });
}
