/* The imitated WhatsApp as a line of a drawn phone (handset.js), and the switches of its mischief. */

import { ask, clock, tell, upload } from "./net.js";

const FIRST_NUMBER = 6281100007001, REPEATS = 3, OVERLOADED = 131016;
const KINDS = { audio: "Pesan suara", sticker: "Stiker", location: "Lokasi", contacts: "Kontak", video: "Video" };
const NO_BUBBLE = new Set(["edit", "reaction", "revoke"]);
const own = (owner) => `/whatsapp/${encodeURIComponent(owner)}`;
const read = new Map();
let seen = { online: true, window_open: true, missed: 0 };
let holder = null;

export const whatsapp = {
  name: "whatsapp",
  sendsRaw: false,

  people: () => ask("/whatsapp/people"),

  async join(name, number) {
    const answer = await tell("/whatsapp/people", { name, wa_id: String(FIRST_NUMBER + number) });
    return (await answer.json()).id;
  },

  async screen(owner) {
    holder = owner;
    seen = await ask(`${own(owner)}/messages`);
    const newest = seen.messages.filter((one) => !one.mine).at(-1)?.id;
    if (newest && newest !== read.get(owner)) {
      read.set(owner, newest);
      await tell(`${own(owner)}/reads`);
    }
    const edits = new Map(seen.messages.filter((one) => one.kind === "edit").map((one) => [one.quotes, one.text]));
    const shown = seen.messages.filter((one) => !NO_BUBBLE.has(one.kind));
    return {
      bubbles: shown.map((one) => bubble(one, edits.get(one.id))),
      state: seen.typing ? "sedang mengetik…" : "akun bisnis",
      trouble: seen.online ? "" : "Tanpa sinyal: pesan baru belum sampai.",
      blocked: seen.blocks,
      begin: seen.messages.length ? null : { label: "Tulis “halo”", press: { text: "halo" } },
    };
  },

  press: (owner, { text, ...told }) => (text ? tell(`${own(owner)}/says`, { text }) : tell(`${own(owner)}/presses`, told)),
  say: (owner, text) => tell(`${own(owner)}/says`, { text }),
  voice: (owner) => upload(`${own(owner)}/file`, new Blob(["OggS"]), "audio/ogg; codecs=opus"),
  edit: (owner, id, text) => tell(`${own(owner)}/edits`, { message: id, text }),
  block: (owner, on) => tell(`${own(owner)}/state`, { blocks: on }),

  async photos(owner, photos) {
    let answer = null;
    for (const photo of photos) {
      answer = await upload(`${own(owner)}/file?filename=${encodeURIComponent(photo.name || "ktp.jpg")}`, photo);
    }
    return answer;
  },
};

function bubble(one, edited) {
  const choices = one.choices.map(({ id, title, description }) => ({
    label: title,
    detail: description,
    press: { message: one.id, choice: id },
  }));
  const isList = one.kind === "list";
  const at = clock(new Date(one.at));
  const isPicture = one.media && one.media.mime_type.startsWith("image/");
  const links = one.link ? [[{ label: one.link[0], href: one.link[1] }]] : [];
  return {
    id: one.id,
    mine: one.mine,
    head: one.header,
    text: edited ?? one.text,
    foot: one.footer,
    photo: isPicture ? `/whatsapp/media/${one.media.id}` : "",
    file: one.media && !isPicture && one.filename ? { name: one.filename, href: `/whatsapp/media/${one.media.id}` } : null,
    note: KINDS[one.kind] || "",
    meta: `${edited === undefined ? "" : "diedit "}${at}${one.mine ? " ✓✓" : ""}`,
    read: one.read,
    editable: one.kind === "text",
    buttons: [...(isList ? [] : choices.map((choice) => [choice])), ...links],
    list: isList ? { label: one.opens, rows: choices } : null,
  };
}

/** The switches below the phone. */
export function wireWhatsApp(panel) {
  const set = (told) => tell("/whatsapp/mischief", told);
  const field = (name) => panel.querySelector(`[name=${name}]`);
  field("repeats").addEventListener("change", (event) => set({ repeats: event.target.checked ? REPEATS : 1 }));
  field("shuffles").addEventListener("change", (event) => set({ shuffles: event.target.checked }));
  field("offline").addEventListener("change", (event) => tell(`${own(holder)}/state`, { online: !event.target.checked }));
  field("window").addEventListener("click", () => tell(`${own(holder)}/state`, { window_open: false }));
  field("error").addEventListener("click", () => set({ error: OVERLOADED }));
  return async () => {
    const [now, violations] = await Promise.all([ask("/whatsapp/mischief"), ask("/whatsapp/violations")]);
    field("repeats").checked = now.repeats > 1;
    field("shuffles").checked = now.shuffles;
    field("offline").checked = !seen.online;
    const told = [
      now.planned && `kegagalan menunggu: ${now.planned}`,
      now.waiting && `belum diambil: ${now.waiting}`,
      !seen.window_open && "jendela tertutup",
      seen.missed && `ditahan: ${seen.missed}`,
      violations.length && `pelanggaran API: ${violations.length}`,
    ];
    panel.querySelector(".state").textContent = told.filter(Boolean).join(" · ");
  };
}
