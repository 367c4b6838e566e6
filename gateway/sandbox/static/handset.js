/* One drawn phone: what stands on its screen, and what its person can do. What is behind it, Telegram or WhatsApp, is a
   `line` (telegram.js, whatsapp.js): people, join, screen, say, photo, voice, edit, block.
   A screen is {bubbles, state, trouble, toast, blocked, begin, keyboard}; a bubble {id, mine, text, head, foot, photo,
   file: {name, href}, note, meta, buttons: [[button]], list: {label, rows}}; a button {label, detail, press} or {label, href}.
   Nothing that came from the bot is ever taken for HTML. */

import { samples } from "./net.js";

const POLL_MS = 1000, SOON_MS = 250, TOAST_MS = 3500, NEAR_PX = 80, ALBUM = 3;
const NAMES = ["Hasna", "Rahman", "Nurdin", "Sitti", "Darwis", "Kartini"];
const ADDRESS = /(https?:\/\/[^\s]+[^\s.,;:!?)])/;

/** An element with properties, classes and children. */
export function el(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name === "class") made.className = value;
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export class Handset {
  constructor(root, line) {
    this.line = line;
    this.root = root;
    root.append(document.getElementById("handset").content.cloneNode(true));
    this.find = (selector) => root.querySelector(selector);
    this.view = this.find(".screen");
    this.log = this.find(".screen ol");
    this.atEnd = true;
    this.top = 0;
    this.drawn = new Map();
    this.editing = null;
    this.told = "";
    this.wire();
  }

  /** Follow the phone for as long as the page is open. */
  async start() {
    for (;;) {
      await this.refresh();
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
  }

  async refresh() {
    try {
      await this.owners();
      const owner = this.owner;
      const screen = await this.line.screen(owner);
      if (owner === this.owner) this.draw(screen);
      this.show(".trouble", screen.trouble || "");
    } catch (error) {
      this.show(".trouble", "Tidak tersambung. Dicoba lagi…");
    }
  }

  /** Do it, and look soon what came of it. */
  async does(work) {
    try {
      const answer = await work();
      if (answer && answer.ok === false) this.toast("Tidak bisa dilakukan.");
    } catch (error) {
      this.toast("Tidak terkirim.");
    }
    await this.refresh();
    setTimeout(() => this.refresh(), SOON_MS);
  }

  // ---- who holds it

  async owners() {
    let people = await this.line.people();
    if (!people.length) {
      await this.line.join(NAMES[0], 0);
      people = await this.line.people();
    }
    if (JSON.stringify(people) === this.known) return;
    this.known = JSON.stringify(people);
    const chosen = this.owner;
    const options = people.map(({ id, name }) => el("option", { value: id }, name));
    this.find(".owner").replaceChildren(...options, el("option", { value: "" }, "Orang baru…"));
    this.owner = people.some(({ id }) => String(id) === String(chosen)) ? chosen : people[0].id;
    this.count = people.length;
  }

  get owner() {
    return this.chosen;
  }

  set owner(id) {
    this.chosen = id;
    this.find(".owner").value = id;
  }

  async changeOwner(id) {
    if (!id) id = await this.line.join(NAMES[this.count % NAMES.length], this.count);
    this.known = "";
    this.chosen = id;
    this.drawn.clear();
    this.log.replaceChildren();
    this.closeAll();
    await this.refresh();
  }

  // ---- what is seen

  draw(screen) {
    let changed = false;
    const gone = new Set(this.drawn.keys());
    for (const bubble of screen.bubbles) {
      gone.delete(bubble.id);
      const shape = JSON.stringify(bubble);
      const before = this.drawn.get(bubble.id);
      if (before && before.shape === shape) continue;
      const item = this.bubble(bubble);
      if (before) before.item.replaceWith(item);
      else this.log.append(item);
      this.drawn.set(bubble.id, { shape, item });
      changed = true;
    }
    for (const id of gone) {
      this.drawn.get(id).item.remove();
      this.drawn.delete(id);
    }
    this.screen = screen;
    this.root.classList.toggle("is-blocked", screen.blocked);
    this.find(".doing").textContent = screen.state;
    this.begin(screen);
    const block = this.find(".block");
    block.textContent = screen.blocked ? "Buka blokir" : "Blokir";
    block.setAttribute("aria-pressed", String(screen.blocked));
    if (screen.toast && screen.toast !== this.told) this.toast(screen.toast);
    this.told = screen.toast || "";
    if (changed && this.atEnd) this.down();
  }

  begin(screen) {
    const shape = JSON.stringify([screen.begin, screen.keyboard]);
    if (shape === this.begins) return;
    this.begins = shape;
    if (this.below) this.below.remove();
    this.below = null;
    const rows = screen.begin ? [[screen.begin]] : screen.keyboard || [];
    if (!rows.length) return;
    this.below = el("div", { class: "below" }, ...this.rows(rows));
    this.find(".write").before(this.below);
  }

  bubble(shown) {
    const inside = el("div", { class: `bubble${shown.mine ? " mine" : ""}` });
    if (shown.photo) inside.append(el("img", { src: shown.photo, alt: shown.mine ? "Foto yang dikirim" : "Gambar" }));
    if (shown.file) inside.append(el("p", { class: "file" }, file(shown.file)));
    if (shown.head) inside.append(el("p", { class: "head" }, shown.head));
    if (shown.text) inside.append(el("p", { class: "words" }, ...linked(shown.text)));
    if (shown.note) inside.append(el("p", { class: "note" }, shown.note));
    if (shown.foot) inside.append(el("p", { class: "foot" }, shown.foot));
    inside.append(el("p", { class: `meta${shown.read ? " read" : ""}` }, shown.meta));
    const item = el("li", { class: shown.mine ? "from-me" : "from-bot" }, inside, ...this.rows(shown.buttons || []));
    if (shown.list) {
      const opens = el("button", { type: "button", class: "opens" }, shown.list.label);
      opens.addEventListener("click", () => this.openSheet(shown.list));
      item.append(el("p", { class: "keys" }, opens));
    }
    return item;
  }

  rows(rows) {
    return rows.map((row) => el("p", { class: "keys" }, ...row.map((button) => this.button(button))));
  }

  button({ label, href, press }) {
    if (href) return el("a", { href, target: "_blank", rel: "noopener" }, label);
    const made = el("button", { type: "button" }, label);
    made.addEventListener("click", () => this.does(() => this.line.press(this.owner, press)));
    return made;
  }

  openSheet({ label, rows }) {
    const sheet = this.find(".sheet");
    const close = el("button", { type: "button", class: "close", "aria-label": "Tutup" }, "×");
    close.addEventListener("click", () => (sheet.hidden = true));
    const choices = rows.map(({ label, detail, press }) => {
      const row = el("button", { type: "button" }, el("span", {}, label), detail ? el("small", {}, detail) : "");
      row.addEventListener("click", () => {
        sheet.hidden = true;
        this.does(() => this.line.press(this.owner, press));
      });
      return row;
    });
    sheet.replaceChildren(el("p", {}, label, close), ...choices);
    sheet.hidden = false;
    choices[0].focus();
  }

  /** To the newest bubble, and stay there until the person scrolls up. */
  down() {
    this.atEnd = true;
    this.view.scrollTop = this.view.scrollHeight;
  }

  /** Only the person scrolls up; everything else makes the screen longer. */
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.view;
    if (scrollHeight - scrollTop - clientHeight < NEAR_PX) this.atEnd = true;
    else if (scrollTop < this.top) this.atEnd = false;
    this.top = scrollTop;
  }

  show(selector, words) {
    const place = this.find(selector);
    place.hidden = !words;
    if (place.textContent !== words) place.textContent = words;
  }

  toast(words) {
    this.show(".toast", words);
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => this.show(".toast", ""), TOAST_MS);
  }

  closeAll() {
    this.find(".sheet").hidden = true;
    this.openAlbum(false);
    this.stopEditing();
  }

  // ---- what the person does

  wire() {
    const on = (selector, event, does) => this.find(selector).addEventListener(event, does);
    const picker = this.find(".own");
    on(".screen", "scroll", () => this.scrolled());
    const follows = new ResizeObserver(() => this.atEnd && this.down());
    follows.observe(this.view);
    follows.observe(this.log);
    picker.id = `${this.line.name}-own`;
    picker.nextElementSibling.htmlFor = picker.id;
    this.find(".raw").hidden = !this.line.sendsRaw;
    on(".owner", "change", (event) => this.changeOwner(event.target.value));
    on(".write", "submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    on(".photo", "click", () => this.openAlbum(this.find(".album").hidden));
    on(".own", "change", () => this.sendOwn(picker));
    on(".three", "click", () => this.sendThree());
    on(".voice", "click", () => this.does(() => this.line.voice(this.owner)));
    on(".edit", "click", () => (this.editing ? this.stopEditing() : this.startEditing()));
    on(".block", "click", () => this.does(() => this.line.block(this.owner, !this.screen.blocked)));
    this.root.addEventListener("keydown", (event) => event.key === "Escape" && this.closeAll());
  }

  submit() {
    const field = this.find(".write input");
    const text = field.value.trim();
    if (!text) return;
    const edited = this.editing;
    this.stopEditing();
    field.value = "";
    this.down();
    this.does(() => (edited ? this.line.edit(this.owner, edited, text) : this.line.say(this.owner, text)));
  }

  startEditing() {
    const last = (this.screen?.bubbles || []).filter((bubble) => bubble.mine && bubble.editable).at(-1);
    if (!last) return this.toast("Belum ada pesan sendiri.");
    this.editing = last.id;
    const field = this.find(".write input");
    field.value = last.text;
    field.focus();
    this.find(".edit").textContent = "Batal mengubah";
  }

  stopEditing() {
    if (!this.editing) return;
    this.editing = null;
    this.find(".write input").value = "";
    this.find(".edit").textContent = "Ubah yang terakhir";
  }

  async openAlbum(open) {
    this.find(".album").hidden = !open;
    this.find(".photo").setAttribute("aria-expanded", String(open));
    const list = this.find(".samples");
    if (!open || list.children.length) return;
    for (const { name, meaning, address } of await samples()) {
      const use = el("button", { type: "button", "data-name": name }, el("img", { src: address, alt: "" }), meaning);
      use.addEventListener("click", () => this.sendSamples([address]));
      list.append(el("li", {}, use));
    }
  }

  async sendOwn(picker) {
    const [file] = picker.files;
    picker.value = "";
    if (file) await this.sendPhotos([file]);
  }

  async sendThree() {
    await this.sendSamples((await samples()).slice(0, ALBUM).map(({ address }) => address));
  }

  async sendSamples(addresses) {
    await this.sendPhotos(await Promise.all(addresses.map(async (address) => (await fetch(address)).blob())));
  }

  async sendPhotos(photos) {
    const raw = this.line.sendsRaw && this.find(".raw input").checked;
    this.openAlbum(false);
    this.down();
    await this.does(() => this.line.photos(this.owner, photos, raw));
  }
}

/** A file that can be opened, or its name. */
function file({ name, href }) {
  return href ? el("a", { href, target: "_blank", rel: "noopener" }, name) : name;
}

function linked(text) {
  return text.split(ADDRESS).map((part, at) => (at % 2 ? el("a", { href: part, target: "_blank", rel: "noopener" }, part) : part));
}
