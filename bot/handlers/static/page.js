/* Our own page beside a chat. ES5 and XMLHttpRequest only: it must work on a phone of 2015 (Chrome 37 and later).

   One question at a time. An answer has an id made for this showing of the question, so that two taps, or a retry over
   a broken line, are one answer. After it, and after every trouble, the page asks the server what is open now.
   Text from anywhere is put in with textContent, never as HTML. */
(function () {
  "use strict";

  var RETRY_FIRST_MS = 2000, RETRY_MOST_MS = 60000, ANSWER_MS = 40000, STALL_MS = 60000, LOOK_AGAIN_MS = 1000;
  var HERE = location.pathname;

  var siaga = window.siaga;
  var $ = function (id) { return document.getElementById(id); };
  var SECTIONS = ["start", "ask", "paper", "upload", "wait", "end"];

  if (!$("ask")) { return; } /* the link opens nothing: the page says why */

  var words = JSON.parse(document.body.getAttribute("data-words"));
  var photoMax = Number(document.body.getAttribute("data-photo-max"));
  var textMax = Number(document.body.getAttribute("data-text-max"));

  /* ---- small things ---- */

  function show(element, shown) { element.hidden = !shown; }

  function only(id) {
    for (var i = 0; i < SECTIONS.length; i++) { show($(SECTIONS[i]), SECTIONS[i] === id); }
  }

  function tell(id, said) {
    $(id).textContent = said || "";
    show($(id), !!said);
  }

  function read(json) {
    try { return JSON.parse(json); } catch (broken) { return null; }
  }

  /* `done(status, answer)` is called once; status 0 means that nobody answered, or not we. */
  function ask(method, path, headers, body, done) {
    var xhr = new XMLHttpRequest(), over = false, name;
    function end(status) {
      var answer = read(xhr.responseText);
      if (over) { return; }
      over = true;
      done(answer && typeof answer === "object" ? status : 0, answer || {});
    }
    xhr.open(method, HERE + path);
    xhr.setRequestHeader("X-Siaga", "1");
    for (name in headers) { if (headers.hasOwnProperty(name)) { xhr.setRequestHeader(name, headers[name]); } }
    xhr.onload = function () { end(xhr.status); };
    xhr.onerror = xhr.ontimeout = xhr.onabort = function () { end(0); };
    return { xhr: xhr, send: function () { xhr.send(body); } };
  }

  /* ---- trouble: a broken line, a busy server ---- */

  var fails = 0;

  function passes(status) { return status === 0 || status === 408 || status === 429 || status >= 500; }

  function again(todo) {
    fails += 1;
    tell("trouble", words.trouble);
    setTimeout(todo, Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * Math.pow(2, Math.min(fails, 10) - 1)));
  }

  function well() {
    fails = 0;
    tell("trouble", "");
  }

  /* ---- the link ---- */

  function open() {
    $("go").disabled = true;
    var asked = ask("POST", "/open", {}, null, function (status, answer) {
      if (passes(status)) { again(open); return; }
      well();
      if (status !== 200) { end(answer.error); return; }
      look("0");
    });
    asked.xhr.timeout = ANSWER_MS;
    asked.send();
  }

  function end(said, more) {
    $("end-words").textContent = said;
    show($("end-more"), !!more);
    show($("help"), false);
    only("end");
    $("end-words").focus();
  }

  /* ---- what is open now ---- */

  var question = null, answerId = "", pending = null;

  /* Ask until there is something else than the question `besides`. */
  function look(besides) {
    if (!pending) { only("wait"); }
    var asked = ask("GET", "/now?besides=" + besides, {}, null, function (status, stage) {
      if (passes(status)) { again(function () { look(besides); }); return; }
      well();
      if (status !== 200 || !stage.stage) { end(stage.error); }
      else if (stage.stage === "reading") { keepLooking(besides); }
      else if (stage.stage === "question") { take(stage); }
      else if (stage.stage === "paper") { hand(stage); }
      else { end(words[stage.stage], stage.stage === "done"); }
    });
    asked.xhr.timeout = ANSWER_MS;
    asked.send();
  }

  function keepLooking(besides) {
    pending = null;
    only("wait");
    setTimeout(function () { look(besides); }, LOOK_AGAIN_MS);
  }

  function take(stage) {
    var waiting = pending;
    pending = null;
    if (waiting && question && question.id === stage.id) { send(waiting); return; } /* it didn't arrive: once more */
    question = stage;
    answerId = siaga.newId();
    draw();
    only("ask");
    window.scrollTo(0, 0);
    $("question").focus();
  }

  /* ---- a paper ---- */

  function hand(stage) {
    var address = HERE + "/paper", image = $("paper-picture");
    $("paper-name").textContent = stage.paper;
    $("download").href = address;
    $("download").setAttribute("download", stage.paper);
    if (stage.is_picture) {
      image.alt = stage.paper;
      image.onload = function () { show(image, true); };
      image.src = address;
    }
    siaga.size(address, function (size) {
      if (size === null) { end(words.paper_gone); } else { tell("paper-size", size); }
    });
    only("paper");
    $("paper-name").focus();
  }

  /* ---- a question ---- */

  function draw() {
    var asksPhoto = question.wants === "photo", asksWords = question.wants === "text" || question.wants === "number";
    $("question").textContent = together(question.words);
    tell("note", "");
    drawPicture();
    show($("photo"), asksPhoto);
    show($("typed"), asksWords);
    $("text").value = "";
    $("text").setAttribute("inputmode", question.wants === "number" ? "numeric" : "text");
    drawOptions(question.options || [], !asksPhoto && !asksWords);
    show($("back"), !!question.back);
  }

  /* The digits of a NIK, in fours, stay on one line: so they can be compared with the card. */
  function together(said) { return said.replace(/(\d{4}) (?=\d{4})/g, "$1\u00a0"); }

  function drawPicture() {
    var image = $("picture");
    tell("picture-lost", "");
    show(image, false);
    if (!question.alt) { image.removeAttribute("src"); return; }
    image.alt = question.alt;
    image.onload = function () { show(image, true); };
    image.onerror = function () { show(image, false); tell("picture-lost", words.picture_lost); };
    image.src = HERE + "/picture?of=" + question.id;
  }

  function drawOptions(options, areMain) {
    var box = $("options"), i;
    while (box.firstChild) { box.removeChild(box.firstChild); }
    box.className = areMain ? "main" : "";
    for (i = 0; i < options.length; i++) { box.appendChild(drawOption(options[i])); }
  }

  function drawOption(option) {
    var button = document.createElement("button"), number = document.createElement("b");
    button.type = "button";
    number.textContent = option.number;
    if (option.number) { button.appendChild(number); }
    button.appendChild(document.createTextNode(option.words));
    button.onclick = function () { answer({ data: option.data, label: option.label }); };
    return button;
  }

  /* ---- an answer ---- */

  function answer(body) {
    body.id = answerId;
    send({ path: "/messages", of: question.id, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  }

  function send(one) {
    if (pending) { return; } /* a second tap */
    pending = one;
    only(one.isPhoto ? "upload" : "wait");
    var asked = ask("POST", one.path + "?of=" + one.of, one.headers, one.body, function (status, said) {
      if (pending !== one) { return; } /* taken back */
      if (passes(status)) { again(function () { if (pending === one) { look("0"); } }); return; }
      well();
      pending = null;
      if (status === 200) { look(one.of); }
      else if (status === 409) { look("0"); }
      else if (status === 403 || status === 404 || status === 410) { end(said.error); }
      else { only("ask"); tell("note", words.not_taken); }
    });
    if (one.isPhoto) { watch(asked.xhr, one); } else { asked.xhr.timeout = ANSWER_MS; }
    asked.send();
  }

  /* ---- a photo on its way ---- */

  function watch(xhr, one) {
    var stall = null;
    function alive() {
      clearTimeout(stall);
      stall = setTimeout(function () { xhr.abort(); }, STALL_MS);
    }
    one.xhr = xhr;
    progress(0);
    show($("cancel"), true);
    alive();
    xhr.upload.onprogress = function (event) {
      alive();
      if (event.lengthComputable) { progress(Math.round(100 * event.loaded / event.total)); }
    };
    xhr.upload.onload = function () { show($("cancel"), false); }; /* it can't be taken back any more */
    xhr.onloadend = function () { clearTimeout(stall); };
  }

  function progress(percent) {
    $("progress").value = percent;
    $("progress-words").textContent = percent < 100 ? words.sending.replace("{percent}", percent) : words.sent;
  }

  function takeBack() {
    var one = pending;
    pending = null;
    if (one && one.xhr) { one.xhr.abort(); }
    answerId = siaga.newId();
    well();
    only("ask");
  }

  function choose(file) {
    if (!file || pending) { return; }
    if (!file.size) { tell("note", words.empty); return; }
    var shown = question;
    only("wait");
    siaga.shrink(file, photoMax, function (photo) {
      if (question !== shown) { return; }
      if (photo.size > photoMax) { only("ask"); tell("note", words.too_large); return; } /* spare the data plan */
      send({ path: "/photos", of: shown.id, body: photo, isPhoto: true,
        headers: { "Content-Type": photo.type || "application/octet-stream", "X-Message-Id": answerId } });
    });
  }

  /* ---- the person's hands ---- */

  $("go").onclick = open;
  $("back").onclick = function () { answer({ text: "0" }); };
  $("cancel").onclick = takeBack;
  $("typed").onsubmit = function (event) {
    event.preventDefault();
    var typed = $("text").value.trim();
    /* longer than the limit is cut, still too long, so that the bot says so */
    if (typed) { answer({ text: typed.slice(0, 2 * (textMax + 1)) }); }
  };
  $("camera").onchange = $("gallery").onchange = function () {
    choose(this.files[0]);
    this.value = ""; /* the same photo may be chosen again */
  };

  if (document.body.getAttribute("data-open") === "yes") { look("0"); } else { only("start"); }
})();
