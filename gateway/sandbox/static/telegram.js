/* The imitated Telegram as a line of a drawn phone (handset.js), and the switches of its mischief. */

import { ask, clock, tell, upload } from "./net.js";

const FIRST_ID = 7001, WAIT_S = 5, REPEATS = 3;
const DOING = { typing: "sedang mengetik…", upload_photo: "mengirim foto…" };
const KINDS = { voice: "Pesan suara", sticker: "Stiker", location: "Lokasi", contact: "Kontak", document: "Berkas" };
const chat = (owner) => `/telegram/chats/${owner}`;

export const telegram = {
  name: "telegram",
  sendsRaw: true,

  async people() {
    return (await ask("/telegram/chats")).filter((one) => !one.group);
  },

  async join(name, number) {
    const id = FIRST_ID + number;
    await tell("/telegram/people", { id, first_name: name, language_code: "id" });
    return id;
  },

  async screen(owner) {
    const seen = await ask(chat(owner));
    return {
      bubbles: seen.messages.map(bubble),
      state: DOING[seen.action] || "bot",
      toast: seen.answer?.text,
      blocked: seen.blocked,
      begin: seen.messages.length ? null : { label: "MULAI", press: { deed: "start" } },
      keyboard: seen.keyboard.map((row) => row.map(({ text, asks }) => ({ label: text, press: reply(text, asks) }))),
    };
  },

  press: (owner, { deed, ...told }) => tell(`${chat(owner)}/${deed}`, told),
  say: (owner, text) => tell(`${chat(owner)}/say`, { text }),
  voice: (owner) => tell(`${chat(owner)}/voice`),
  edit: (owner, id, text) => tell(`${chat(owner)}/edit`, { message_id: id, text }),
  block: (owner, on) => tell(`${chat(owner)}/${on ? "block" : "unblock"}`),

  async photos(owner, photos, raw) {
    const asked = photos.length > 1 ? `?album=${Date.now()}` : "";
    let answer = null;
    for (const photo of photos) {
      const isPhoto = !raw && photo.type.startsWith("image/");
      answer = await upload(`${chat(owner)}/${isPhoto ? "photo" : "document"}${asked}`, photo);
    }
    return answer;
  },
};

function reply(text, asks) {
  return asks === "contact" ? { deed: "own-contact", phone_number: "+6281100007001" } : { deed: "say", text };
}

function bubble(line) {
  const rows = line.buttons.map((row) =>
    row.map(({ text, data, url }) =>
      url ? { label: text, href: url } : { label: text, press: { deed: "press", message_id: line.id, data } },
    ),
  );
  const at = clock(new Date(line.at * 1000));
  return {
    id: line.id,
    mine: !line.from_bot,
    text: line.text,
    photo: line.photo && line.photo.replace("/_phone", "/telegram"),
    file: line.document && { name: line.file_name || "berkas", href: line.document.replace("/_phone", "/telegram") },
    note: line.text || line.photo || line.document ? "" : KINDS[line.kind] || "",
    meta: line.edited && !line.from_bot ? `diubah ${at}` : at,
    editable: line.kind === "text",
    buttons: rows,
  };
}

/** The switches below the phone. */
export function wireTelegram(panel) {
  const set = (told) => tell("/telegram/mischief", told);
  const field = (name) => panel.querySelector(`[name=${name}]`);
  field("repeats").addEventListener("change", (event) => set({ repeats: event.target.checked ? REPEATS : 1 }));
  for (const name of ["shuffled", "held"]) {
    field(name).addEventListener("change", (event) => set({ [name]: event.target.checked }));
  }
  field("too_many").addEventListener("click", () => set({ too_many: WAIT_S }));
  return async () => {
    const [now, state] = await Promise.all([ask("/telegram/mischief"), ask("/telegram/state")]);
    field("repeats").checked = now.repeats > 1;
    field("shuffled").checked = now.shuffled;
    field("held").checked = now.held;
    const told = [
      now.planned && `429 menunggu: ${now.planned}`,
      state.pending && `belum diambil: ${state.pending}`,
      state.violations.length && `pelanggaran API: ${state.violations.length}`,
    ];
    panel.querySelector(".state").textContent = told.filter(Boolean).join(" · ");
  };
}
