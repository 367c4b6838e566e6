/* The page with three phones: starts the two drawn ones, and follows the switches below all three. */

import { el, Handset } from "./handset.js";
import { ask, tell } from "./net.js";
import { telegram, wireTelegram } from "./telegram.js";
import { whatsapp, wireWhatsApp } from "./whatsapp.js";

const POLL_MS = 1500, CODES_SHOWN = 3;
const BY_DAY = "Untuk mencobanya siang hari: make demo AT=10:00";

function wireBpjs(panel) {
  const button = panel.querySelector(".switch");
  const codes = panel.querySelector(".codes");
  let down = false, shown = "";
  const look = async () => {
    const [now, { quiet_until: until }] = await Promise.all([ask("/bpjs/state"), ask("/clock")]);
    const night = panel.querySelector(".night");
    night.hidden = !until;
    night.textContent = until ? `Malam di Soppeng: Telegram dan WhatsApp baru dikabari pukul ${until}. ${BY_DAY}` : "";
    if (JSON.stringify(now) === shown) return;
    shown = JSON.stringify(now);
    down = now.down;
    button.hidden = false;
    button.textContent = down ? "Hidupkan lagi" : "Matikan layanan";
    panel.querySelector(".state").textContent = down ? "mati" : "berjalan";
    panel.classList.toggle("is-down", down);
    codes.replaceChildren(...now.payments.slice(0, CODES_SHOWN).map(code));
  };
  const code = ({ code, amount, paid }) => {
    const words = `${code} · Rp${amount.toLocaleString("id-ID")}`;
    if (paid) return el("li", {}, words, el("b", {}, "lunas"));
    const pay = el("button", { type: "button", "aria-label": `Tandai lunas ${code}` }, "Tandai lunas");
    pay.addEventListener("click", async () => {
      await tell(`/bpjs/payments/${code}/paid`);
      await look();
    });
    return el("li", {}, words, pay);
  };
  button.addEventListener("click", async () => {
    await tell(`/bpjs/${down ? "up" : "down"}`);
    await look();
  });
  return look;
}

function wireClock(panel) {
  const words = panel.querySelector(".words");
  return async () => {
    const { shifted_to: here } = await ask("/clock");
    panel.hidden = !here;
    words.textContent = here ? `Jam demo ini digeser: di sini pukul ${here} WITA.` : "";
  };
}

async function follow(look, panel) {
  for (;;) {
    try {
      await look();
    } catch (error) {
      panel.querySelector(".state").textContent = "tidak tersambung";
    }
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

const panel = (id) => document.querySelector(id);
new Handset(document.querySelector(".phone.telegram"), telegram).start();
new Handset(document.querySelector(".phone.whatsapp"), whatsapp).start();
follow(wireClock(panel("#clock")), panel("#clock"));
follow(wireBpjs(panel("#bpjs")), panel("#bpjs"));
follow(wireTelegram(panel("#telegram .panel")), panel("#telegram .panel"));
follow(wireWhatsApp(panel("#whatsapp .panel")), panel("#whatsapp .panel"));
