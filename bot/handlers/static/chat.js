/* The page of the web chat. ES5 and XMLHttpRequest only: it must work on a phone of 2015 (Chrome 37 and later).

   What is written goes through one queue, oldest first; a message leaves the queue when the server has stored it, and
   is sent again with the same id until then, so that the server can tell a repeat. The queue of words outlives a
   reload. What was said comes as lines, by a stream of events or, where that fails, by asking every few seconds.
   Text from anywhere is put in with textContent, never as HTML. */
(function () {
  "use strict";

  var RETRY_FIRST_MS = 2000, RETRY_MOST_MS = 60000;
  var QUEUE_MAX = 50, QUEUE_AGE_MAX_MS = 24 * 3600 * 1000;
  var ANSWER_MS = 20000, STALL_MS = 60000;
  var TYPING_MS = 8000, EXPECT_MS = 30000, TICK_MS = 4000, SOON_MS = 1000, IDLE_TICKS = 5, TROUBLE_MS = 3000, TWICE_MS = 600;
  var LINES_MAX = 100, OPTIONS_TALL_MAX = 5;
  var WITA_MS = 8 * 3600 * 1000;
  var QUEUE_KEY = "siaga.queue", DRAFT_KEY = "siaga.draft";

  var siaga = window.siaga;
  var $ = function (id) { return document.getElementById(id); };
  var log = $("log"), scroller = $("scroll"), text = $("text"), progress = $("progress");
  var textMax = Number(document.body.getAttribute("data-text-max"));
  var photoMax = Number(document.body.getAttribute("data-photo-max"));
  var urls = window.URL || window.webkitURL;

  /* ---- small things ---- */

  function make(tag, className, words) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (words) { made.textContent = words; }
    return made;
  }

  function show(element, shown) { element.hidden = !shown; }

  /* Ids have more digits than a number can hold: they are compared as text. */
  function above(a, b) { return a.length === b.length ? a > b : a.length > b.length; }

  function clock() {
    var at = new Date(Date.now() + WITA_MS), minutes = at.getUTCMinutes(), hours = at.getUTCHours();
    return (hours < 10 ? "0" : "") + hours + "." + (minutes < 10 ? "0" : "") + minutes;
  }

  function keep(storage, key, words) {
    try { window[storage].setItem(key, words); } catch (full) { /* private mode: kept in memory only */ }
  }

  function kept(storage, key) {
    try { return window[storage].getItem(key); } catch (closed) { return null; }
  }

  function read(json) {
    try { return JSON.parse(json); } catch (broken) { return null; }
  }

  function pause(fails) {
    return Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * Math.pow(2, Math.min(fails, 10) - 1)) * (0.8 + Math.random() * 0.4);
  }

  /* `done(status, answer)` is called once; status 0 means that nobody answered. */
  function ask(method, address, headers, body, done) {
    var xhr = new XMLHttpRequest(), name, over = false;
    function end(status) {
      if (over) { return; }
      over = true;
      done(status, xhr.responseType ? xhr.response : read(xhr.responseText) || {});
    }
    xhr.open(method, address);
    for (name in headers) { if (headers.hasOwnProperty(name)) { xhr.setRequestHeader(name, headers[name]); } }
    xhr.onload = function () { end(xhr.status); };
    xhr.onerror = xhr.ontimeout = xhr.onabort = function () { end(0); };
    if (method === "GET") { xhr.timeout = ANSWER_MS; }
    return { xhr: xhr, send: function () { xhr.send(body); } };
  }

  /* ---- the status line ---- */

  var troubles = { net: false, send: false }, troubleTimer = null;

  function trouble(kind, is) {
    troubles[kind] = is;
    var any = troubles.net || troubles.send;
    if (!any) {
      clearTimeout(troubleTimer);
      troubleTimer = null;
      show($("status"), false);
    } else if (troubleTimer === null) {
      troubleTimer = setTimeout(function () {
        $("status").textContent = "Menyambung lagi…";
        show($("status"), true);
        if (atEnd) { toEnd(log.lastChild); }
      }, kind === "send" ? 0 : TROUBLE_MS);
    }
  }

  /* ---- bubbles ---- */

  var atEnd = true; /* where the person left it; a picture that loads late must not push the end away */
  var heightSeen = 0;

  function nearEnd() { return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120; }

  function toEnd(bubble) {
    var end = scroller.scrollHeight - scroller.clientHeight;
    /* a bubble higher than the screen is read from its top */
    if (bubble && bubble.offsetHeight > scroller.clientHeight) { end = bubble.offsetTop - 8; }
    scroller.scrollTop = end;
    heightSeen = scroller.scrollHeight;
    atEnd = nearEnd();
  }

  /* What grows scrolls, too; only the person moves away from the end. */
  function scrolled() {
    var grown = scroller.scrollHeight !== heightSeen;
    heightSeen = scroller.scrollHeight;
    if (!grown) { atEnd = nearEnd(); }
  }

  function drawBubble(mine, words, clockWords) {
    var bubble = make("li", "bubble " + (mine ? "me" : "bot"));
    bubble.appendChild(make("span", "unseen", mine ? "Anda: " : "Siaga: "));
    if (words) { bubble.appendChild(make("p", "words", words)); }
    bubble.appendChild(make("span", "clock", clockWords));
    return bubble;
  }

  /* Where it can't be had, `instead` stands in its place. */
  function drawImage(bubble, address, alt, instead, before) {
    var image = make("img");
    image.alt = alt;
    image.onerror = function () {
      if (image.parentNode) { bubble.replaceChild(make("p", "words", instead), image); }
    };
    image.onload = function () { if (atEnd) { toEnd(log.lastChild); } };
    image.src = address;
    bubble.insertBefore(image, bubble.querySelector(before));
  }

  function drawPhoto(bubble, address) { drawImage(bubble, address, "Foto yang Anda kirim", "(berkas terkirim)", ".clock"); }

  /* Ours: a drawing, or a part of the photo that the person sent. */
  function drawPicture(bubble, picture) {
    drawImage(bubble, picture.address, picture.alt, "[" + picture.alt + "]", ".words");
  }

  /* A file of ours: its name, a way to keep it, and how large it is. */
  function drawPaper(bubble, paper) {
    var card = make("a", "paper"), size = make("small");
    card.href = paper.address;
    card.setAttribute("download", paper.name);
    card.appendChild(make("b", "", paper.name));
    card.appendChild(size);
    bubble.insertBefore(card, bubble.querySelector(".words") || bubble.querySelector(".clock"));
    siaga.size(paper.address, function (told) {
      if (told === null) { bubble.replaceChild(make("p", "words", paper.name + ": berkas ini sudah tidak ada."), card); }
      else { size.textContent = told ? "Unduh, " + told : "Unduh"; }
      if (atEnd) { toEnd(log.lastChild); }
    });
    if (paper.is_picture) { drawImage(bubble, paper.address, paper.name, "", ".paper"); }
    if (paper.is_picture) { card.previousSibling.className = "whole"; }
  }

  /* What stood in place of a picture that this browser can't draw by itself. */
  function dropWords(bubble) {
    var words = bubble.querySelector(".words");
    if (words) { bubble.removeChild(words); }
  }

  function setClock(bubble, words) { bubble.querySelector(".clock").textContent = words; }

  /* Lines stand in the order of their ids; what has no id yet stands after them. */
  function place(element, id) {
    var next = log.firstChild, other;
    while (next) {
      other = next.getAttribute("data-id");
      if (next !== element && (!other || above(other, id))) { break; }
      next = next.nextSibling;
    }
    element.setAttribute("data-id", id);
    if (element.parentNode !== log || element.nextSibling !== next) { log.insertBefore(element, next); }
  }

  function placeDay(bubble, line) {
    var before = bubble.previousSibling, day;
    while (before && !before.getAttribute("data-day")) { before = before.previousSibling; }
    bubble.setAttribute("data-day", line.day);
    if (before && before.getAttribute("data-day") === line.day) { return; }
    day = make("li", "day", line.day);
    day.setAttribute("data-id", line.id);
    log.insertBefore(day, bubble);
  }

  function note(words) {
    var drawn = make("li", "note", words);
    place(drawn, lastId);
    toEnd(drawn);
  }

  /* "1 Saya sendiri" in the text and the button "Saya sendiri" are one option; so are "3 bulan, sampai 31 Januari 2027:
     Rp33.600" and "3 bulan: Rp33.600", where the number is the answer itself. It is shown once, as the button, with all
     its words. */
  function parts(line) {
    var words = line.text.split("\n"), options = [], i, j, found;
    for (i = 0; i < line.buttons.length; i++) {
      options.push({ label: line.buttons[i].label, data: line.buttons[i].data, number: "", whole: line.buttons[i].label });
    }
    for (j = words.length - 1; j >= 0; j--) {
      found = /^(\d{1,2}) (.+)$/.exec(words[j]);
      for (i = 0; i < options.length && !isOf(words[j], options[i].label); i++) { /* look on */ }
      if (i < options.length) {
        options[i].whole = words[j];
        words.splice(j, 1);
        continue;
      }
      for (i = 0; found && i < options.length; i++) {
        if (!options[i].number && found[2].indexOf(options[i].label) === 0 &&
            (found[2] === options[i].label || options[i].label.length >= 40)) {
          options[i].number = found[1];
          options[i].whole = found[2];
          words.splice(j, 1);
          break;
        }
      }
    }
    return { words: words.join("\n"), options: options };
  }

  /* The label itself, or with more told before its colon. */
  function isOf(line, label) {
    var colon = label.indexOf(": "), end = label.slice(colon);
    return line === label ||
      (colon > 0 && line.indexOf(label.slice(0, colon) + ", ") === 0 && line.slice(-end.length) === end);
  }

  function drawOptions(bubble, options) {
    /* of many, such as "Ya, kirim" and one to change each line, the first is what most people want */
    var box = make("div", options.length > OPTIONS_TALL_MAX ? "options many" : "options"), i;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Pilihan");
    for (i = 0; i < options.length; i++) { box.appendChild(drawOption(bubble, options[i])); }
    bubble.insertBefore(box, bubble.querySelector(".clock"));
  }

  function drawOption(bubble, option) {
    var button = make("button", "option");
    button.type = "button";
    button.setAttribute("data-data", option.data);
    if (option.number) {
      button.setAttribute("data-number", option.number);
      button.appendChild(make("b", "", option.number));
      button.appendChild(document.createTextNode(" "));
    }
    button.appendChild(make("span", "", option.whole));
    button.onclick = function () {
      if (button.getAttribute("aria-disabled") === "true") { return; }
      rest(bubble);
      write({ data: option.data, label: option.label });
    };
    return button;
  }

  /* A second tap on the same question would be a second answer. */
  function rest(bubble) {
    var buttons = bubble.querySelectorAll(".option"), i;
    for (i = 0; i < buttons.length; i++) { buttons[i].setAttribute("aria-disabled", "true"); }
    setTimeout(function () { wake(bubble); }, TYPING_MS);
  }

  function wake(bubble) {
    var buttons = bubble.querySelectorAll(".option"), i;
    for (i = 0; i < buttons.length; i++) { buttons[i].removeAttribute("aria-disabled"); }
  }

  /* ---- lines: what the server has stored ---- */

  var lastId = "0", newest = null, known = false, drawn = {};

  function take(lines, first) {
    var stay = first || atEnd, i, last = null;
    for (i = 0; i < lines.length; i++) {
      if (drawn[lines[i].id]) { continue; }
      drawn[lines[i].id] = true;
      last = lines[i].mine ? takeMine(lines[i], first) : takeTheirs(lines[i], first);
      if (above(lines[i].id, lastId)) { lastId = lines[i].id; }
      known = true;
    }
    if (last && stay) { toEnd(last); }
    show($("start"), !known && queue.length === 0);
  }

  function takeMine(line, first) {
    var item = first ? null : own(line), bubble = item ? item.bubble : drawBubble(true, line.text, line.clock);
    if (item) {
      item.matched = true;
      bubble.className = "bubble me";
      setClock(bubble, line.clock);
    }
    if (line.photo && !bubble.querySelector("img")) {
      if (item) { dropWords(bubble); }
      drawPhoto(bubble, line.photo);
    }
    place(bubble, line.id);
    placeDay(bubble, line);
    return bubble;
  }

  function takeTheirs(line, first) {
    var shown = parts(line), bubble = drawBubble(false, shown.words, line.clock);
    if (line.picture) { drawPicture(bubble, line.picture); }
    if (line.paper) { drawPaper(bubble, line.paper); }
    if (shown.options.length) { drawOptions(bubble, shown.options); }
    place(bubble, line.id);
    placeDay(bubble, line);
    if (!newest || above(line.id, newest.getAttribute("data-id"))) { becomeNewest(bubble, line); }
    else { bubble.className += " old"; }
    if (!first) { typing(false); }
    return bubble;
  }

  function becomeNewest(bubble, line) {
    if (newest) {
      newest.className = "bubble bot old";
      wake(newest);
    }
    newest = bubble;
    bubble.className = "bubble bot newest" + (line.buttons.length ? " wide" : "");
    bubble.setAttribute("data-wants", line.wants);
    openPhotos(line.wants === "photo");
  }

  /* The item of the queue that this line is the stored form of. What can't be used is stored as something else. */
  function own(line) {
    var all = stored.concat(queue.slice(0, 1)), i, item;
    for (i = 0; i < all.length; i++) {
      item = all[i];
      if (!item.matched && item.bubble && (item.photo ? line.photo : line.text === words(item).trim())) { return item; }
    }
    for (i = 0; i < all.length; i++) {
      item = all[i];
      if (!item.matched && (i < stored.length || item.photo || words(item).length > textMax)) { return item; }
    }
    return null;
  }

  function words(item) { return item.data ? item.label : item.text || ""; }

  var asking = false, askAgain = false;

  function catchUp(first) {
    if (asking) { askAgain = true; return; }
    asking = true;
    var sure = stored.slice();
    ask("GET", "/chat/lines?after=" + lastId, {}, null, function (status, answer) {
      asking = false;
      var ours = status === 200 && !!answer.lines;
      trouble("net", !ours);
      if (ours) {
        take(answer.lines, first);
        forget(sure);
        askAgain = askAgain || (lastId !== "0" && answer.lines.length >= LINES_MAX && !first);
        if (first) { begin(); }
      } else if (first) {
        setTimeout(function () { catchUp(true); }, RETRY_FIRST_MS);
      }
      if (askAgain && ours) { askAgain = false; catchUp(false); }
    }).send();
  }

  /* Stored before these lines were read, and none of them: of a repeat, the line was drawn earlier. */
  function forget(sure) {
    sure.forEach(function (item) {
      if (!item.matched && item.repeat) { log.removeChild(item.bubble); }
      else if (!item.matched) { place(item.bubble, lastId); }
    });
    stored = stored.filter(function (item) { return sure.indexOf(item) < 0; });
  }

  /* ---- the stream, and asking where there is none ---- */

  var source = null, streamFails = 0, expectUntil = 0, ticks = 0;

  function follow() {
    if (!window.EventSource || source || !known) { return; }
    source = new window.EventSource("/chat/events?after=" + lastId);
    source.onopen = function () { streamFails = 0; trouble("net", false); };
    source.onmessage = function (event) { take([JSON.parse(event.data)], false); };
    source.onerror = function () {
      if (source.readyState !== 2) { trouble("net", true); return; }
      source = null; /* refused: the browser won't come back by itself */
      streamFails += 1;
      setTimeout(follow, pause(streamFails));
    };
  }

  function tick() {
    ticks += 1;
    var expecting = Date.now() < expectUntil, streaming = source && source.readyState === 1;
    if (!known || document.hidden || (streaming && !expecting)) { return; }
    if (expecting || troubles.net || ticks % (source ? 1 : IDLE_TICKS) === 0) { catchUp(false); }
  }

  var typingTimer = null;

  function typing(is) {
    clearTimeout(typingTimer);
    if (is) { typingTimer = setTimeout(function () { show($("typing"), false); }, TYPING_MS); } else { expectUntil = 0; }
    show($("typing"), is);
    if (is) { toEnd(); }
  }

  /* ---- the queue: what isn't stored yet ---- */

  var queue = [], stored = [], lost = [], started = false, sending = null, fails = 0, retryTimer = null;

  function saveQueue() {
    var saved = [], i, item;
    for (i = 0; i < queue.length; i++) {
      item = queue[i];
      saved.push({ id: item.id, at: item.at, since: item.since, text: item.text, data: item.data, label: item.label,
        lost: item.photo || item.lost || undefined });
    }
    keep("localStorage", QUEUE_KEY, JSON.stringify(saved));
  }

  function write(item) {
    if (queue.length >= QUEUE_MAX) {
      note("Terlalu banyak pesan menunggu. Tunggu sampai tersambung.");
      return false;
    }
    item.id = siaga.newId();
    item.at = Date.now();
    item.since = lastId;
    enqueue(item);
    return true;
  }

  function enqueue(item) {
    queue.push(item);
    saveQueue();
    show($("start"), false);
    if (!item.bubble) { drawOwn(item); }
    item.bubble.className = "bubble me waiting";
    setClock(item.bubble, sending ? "menunggu" : "mengirim…");
    toEnd(item.bubble);
    pump();
  }

  function drawOwn(item) {
    item.bubble = drawBubble(true, item.photo ? "" : words(item), "");
    if (item.photo) { drawPhoto(item.bubble, urls.createObjectURL(item.file)); }
    item.bubble.setAttribute("data-message", item.id);
    log.appendChild(item.bubble);
  }

  function pump() {
    var item = queue[0];
    if (!started || sending || !item || (item.photo && !item.ready)) { return; }
    clearTimeout(retryTimer);
    if (Date.now() - item.at > QUEUE_AGE_MAX_MS) { fail(item, "Pesan ini belum terkirim."); return; }
    sending = item;
    (item.photo ? sendPhoto : sendWords)(item, function (status, answer) {
      sending = null;
      if (item.photo) { show($("upload"), false); }
      if (queue.indexOf(item) < 0) { pump(); return; } /* taken back meanwhile */
      /* a 200 that isn't ours comes from a login page of some network in between */
      if (status === 200 && typeof answer["new"] === "boolean") { item.repeat = !answer["new"]; succeed(item); }
      else if (status >= 400 && status < 500 && status !== 408 && status !== 429) { fail(item, answer.error); }
      else { again(item); }
    });
  }

  function sendWords(item, done) {
    var body = { id: item.id };
    if (item.data) { body.data = item.data; body.label = item.label; } else { body.text = item.text; }
    var asked = ask("POST", "/chat/messages", { "Content-Type": "application/json", "X-Siaga": "1" }, JSON.stringify(body), done);
    asked.xhr.timeout = ANSWER_MS;
    asked.send();
  }

  function remove(item) {
    queue = queue.filter(function (other) { return other !== item; });
    saveQueue();
  }

  function succeed(item) {
    fails = 0;
    trouble("send", false);
    remove(item);
    item.bubble.className = "bubble me";
    setClock(item.bubble, clock());
    stored.push(item);
    known = true;
    expectUntil = Date.now() + EXPECT_MS;
    if (!item.matched) { typing(true); }
    catchUp(false);
    setTimeout(tick, SOON_MS); /* the answer, where there is no stream */
    follow();
    pump();
  }

  function again(item) {
    fails += 1;
    trouble("send", true);
    if (!item.matched) { setClock(item.bubble, "menunggu"); }
    retryTimer = setTimeout(pump, pause(fails));
  }

  function fail(item, why) {
    remove(item);
    var retry = make("button", "retry", "Kirim lagi");
    retry.type = "button";
    item.bubble.className = "bubble me failed";
    setClock(item.bubble, "tidak terkirim");
    note(why || "Pesan ini tidak bisa dikirim.");
    retry.onclick = function () {
      item.bubble.removeChild(retry);
      log.appendChild(item.bubble);
      item.at = Date.now();
      enqueue(item); /* with the same id: if it did arrive after all, it counts once */
    };
    if (!item.useless) { item.bubble.appendChild(retry); }
    pump();
  }

  /* ---- photos ---- */

  var upload = null;

  function sendPhoto(item, done) {
    var headers = { "Content-Type": item.file.type || "application/octet-stream", "X-Siaga": "1", "X-Message-Id": item.id };
    var asked = ask("POST", "/chat/photos", headers, item.file, done), stall = null;
    function alive() {
      clearTimeout(stall);
      stall = setTimeout(function () { asked.xhr.abort(); }, STALL_MS);
    }
    asked.xhr.upload.onprogress = function (event) {
      alive();
      if (event.lengthComputable) { showProgress(Math.round(100 * event.loaded / event.total)); }
    };
    asked.xhr.upload.onload = function () { show($("cancel"), false); }; /* it can't be taken back any more */
    asked.xhr.onloadend = function () { clearTimeout(stall); };
    upload = { item: item, xhr: asked.xhr };
    showProgress(0);
    show($("cancel"), true);
    show($("upload"), true);
    alive();
    asked.send();
  }

  function showProgress(percent) {
    progress.value = percent;
    $("progress-words").textContent = "Mengirim foto " + percent + "%";
  }

  function takeBack() {
    var item = upload.item;
    remove(item);
    log.removeChild(item.bubble);
    upload.xhr.abort();
    show($("upload"), false);
    note("Foto batal dikirim.");
    text.focus();
  }

  function choose(file) {
    if (!file) { return; }
    if (!file.size) { note("Fotonya kosong. Pilih foto lain."); return; }
    openPhotos(false);
    var item = { photo: true, file: file, ready: false };
    if (!write(item)) { return; }
    siaga.shrink(file, photoMax, function (blob) {
      item.file = blob;
      item.ready = true;
      if (blob.size > photoMax) {
        item.useless = true; /* spare the data plan: the server would refuse it */
        fail(item, "File ini terlalu besar. Foto ulang dengan kamera, atau pilih foto lain.");
      }
      pump();
    });
  }


  function openPhotos(is) {
    show($("photo-panel"), is);
    $("photo-toggle").setAttribute("aria-expanded", String(is));
    if (is && newest && atEnd) { setTimeout(function () { toEnd(newest); }, 0); }
    if (!is && $("samples")) { openSamples(false); }
  }

  function openSamples(is) {
    var waiting = is ? $("samples").querySelectorAll("img[data-src]") : [], i;
    show($("samples"), is);
    $("samples-toggle").setAttribute("aria-expanded", String(is));
    for (i = 0; i < waiting.length; i++) {
      waiting[i].src = waiting[i].getAttribute("data-src");
      waiting[i].removeAttribute("data-src");
    }
    if (is && newest && atEnd) { toEnd(newest); }
  }

  function useSample(button) {
    var asked = ask("GET", "/contoh/" + encodeURIComponent(button.getAttribute("data-name")), {}, null, function (status, blob) {
      if (status === 200) { choose(blob); } else { note("Foto contoh tidak bisa dibuka. Coba lagi."); }
    });
    asked.xhr.responseType = "blob";
    asked.send();
  }

  /* /contoh leads here with the name of a sample: show it, and let the person press. */
  function openAsked() {
    var asked = /^#contoh=(.+)$/.exec(location.hash), buttons, i;
    if (!asked || !$("samples")) { return; }
    history.replaceState(null, "", location.pathname);
    openPhotos(true);
    openSamples(true);
    buttons = document.querySelectorAll(".sample");
    for (i = 0; i < buttons.length; i++) {
      if (encodeURIComponent(buttons[i].getAttribute("data-name")) === asked[1]) { buttons[i].focus(); }
    }
  }

  /* ---- the person's hands ---- */

  function fit() {
    text.style.height = "48px";
    text.style.height = Math.min(120, Math.max(48, text.scrollHeight + 4)) + "px";
  }

  function submit(event) {
    if (event) { event.preventDefault(); }
    var words = text.value.trim();
    /* longer than the limit is cut, still too long, so that the bot says so in the chat */
    if (!words || !write({ text: words.slice(0, 2 * (textMax + 1)) })) { return; }
    text.value = "";
    keep("sessionStorage", DRAFT_KEY, "");
    fit();
  }

  function listen() {
    var says = document.querySelectorAll("[data-say]"), samples = document.querySelectorAll(".sample"), i;
    for (i = 0; i < says.length; i++) { says[i].onclick = sayer(says[i]); }
    for (i = 0; i < samples.length; i++) { samples[i].onclick = function () { useSample(this); }; }
    $("bar").onsubmit = submit;
    $("begin").onclick = function () { write({ text: "mulai" }); scroller.focus(); };
    text.oninput = function () { keep("sessionStorage", DRAFT_KEY, text.value); fit(); };
    text.onkeydown = function (event) {
      if (event.keyCode === 13 && !event.shiftKey && !event.isComposing) { submit(event); }
    };
    $("photo-toggle").onclick = function () { openPhotos($("photo-panel").hidden); };
    $("photo-input").onchange = $("gallery-input").onchange = function () {
      choose(this.files[0]);
      this.value = ""; /* the same photo may be chosen again */
    };
    if ($("samples")) { $("samples-toggle").onclick = function () { openSamples($("samples").hidden); }; }
    $("cancel").onclick = takeBack;
    scroller.onscroll = scrolled;
    window.addEventListener("online", function () { pump(); tick(); });
    window.addEventListener("resize", function () { if (atEnd) { toEnd(log.lastChild); } });
    document.addEventListener("visibilitychange", tick);
  }

  function sayer(button) {
    var last = 0;
    return function () {
      if (Date.now() - last < TWICE_MS) { return; }
      last = Date.now();
      write({ text: button.getAttribute("data-say") });
    };
  }

  /* ---- the start ---- */

  /* What was left unsent is shown at once; it goes out after the first lines have come. */
  function restore() {
    var saved = read(kept("localStorage", QUEUE_KEY) || "[]") || [], i;
    for (i = 0; i < saved.length && i < QUEUE_MAX; i++) {
      if (saved[i].lost) { lost.push(saved[i]); } else { enqueue(saved[i]); }
    }
  }

  function begin() {
    started = true;
    lost.forEach(lostPhoto);
    saveQueue();
    log.setAttribute("aria-live", "polite");
    show($("start"), !known && queue.length === 0);
    follow();
    pump();
    openAsked();
    setInterval(tick, TICK_MS);
  }

  /* A photo doesn't outlive a reload here; whether it got through shows in the lines. */
  function lostPhoto(item) {
    var photos = log.querySelectorAll(".me img"), i;
    for (i = 0; i < photos.length; i++) {
      if (above(photos[i].parentNode.getAttribute("data-id") || "0", item.since)) { return; }
    }
    note("Foto tadi belum sempat terkirim. Kirim sekali lagi, ya.");
  }

  listen();
  text.value = kept("sessionStorage", DRAFT_KEY) || "";
  fit();
  restore();
  catchUp(true);
})();
