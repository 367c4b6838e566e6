/* What the chat page and the page for private questions share: ids for what is sent, the size of what is handed over, and
   photos made small enough for a weak line. ES5, Chrome 37 and later. A photo is never turned or spoiled: where this browser can't be trusted with it, it
   is sent as it is. */
(function () {
  "use strict";

  var SHRINK_FROM_BYTES = 2000000, SIDE_MAX_PX = 2000, JPEG_QUALITY = 0.85, JPEG_HEAD_BYTES = 262144;
  var urls = window.URL || window.webkitURL;

  window.siaga = {};

  /* 22 characters that nobody can guess. */
  window.siaga.newId = function () {
    var letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", id = "", i;
    var chance = new Uint8Array(22), source = window.crypto || window.msCrypto;
    if (source) { source.getRandomValues(chance); }
    for (i = 0; i < chance.length; i++) {
      id += letters.charAt((source ? chance[i] : Math.floor(Math.random() * 256)) & 63);
    }
    return id;
  };

  /* How large a file at this address is, in words; "" if that can't be told now, null if there is none. */
  window.siaga.size = function (address, done) {
    var xhr = new XMLHttpRequest();
    xhr.open("HEAD", address);
    xhr.onload = function () {
      var bytes = Number(xhr.getResponseHeader("Content-Length"));
      if (xhr.status === 404) { done(null); return; }
      done(xhr.status === 200 && bytes ? Math.ceil(bytes / 1000) + " kB" : "");
    };
    xhr.onerror = function () { done(""); };
    xhr.send();
  };

  /* A smaller JPEG of a large photo, or the photo itself wherever the browser can't be trusted with it. */
  window.siaga.shrink = function (file, bytesMax, done) {
    if (file.size <= SHRINK_FROM_BYTES || !/^image\/(jpeg|png|webp)$/.test(file.type)) { done(file); return; }
    head(file, function (seen) {
      var image = new Image(), address = urls.createObjectURL(file);
      image.onerror = function () { urls.revokeObjectURL(address); done(file); };
      image.onload = function () {
        var small = upright(image, seen, file, bytesMax) ? redraw(image) : null;
        urls.revokeObjectURL(address);
        done(small && small.size < file.size ? small : file);
      };
      image.src = address;
    });
  };

  /* Does this browser turn the photo the way its EXIF says when it draws it? */
  function upright(image, seen, file, bytesMax) {
    if (file.type !== "image/jpeg") { return true; }
    if (!seen) { return false; }
    if (seen.turn === 1) { return true; }
    if (seen.turn >= 5 && seen.width !== seen.height) { return image.naturalWidth === seen.height; }
    return file.size > bytesMax && !!(window.CSS && window.CSS.supports && window.CSS.supports("image-orientation", "from-image"));
  }

  function redraw(image) {
    var scale = Math.min(1, SIDE_MAX_PX / Math.max(image.naturalWidth, image.naturalHeight));
    var canvas = document.createElement("canvas"), paper, coded, bytes, i;
    canvas.width = Math.round(image.naturalWidth * scale);
    canvas.height = Math.round(image.naturalHeight * scale);
    try {
      paper = canvas.getContext("2d");
      paper.fillStyle = "#fff";
      paper.fillRect(0, 0, canvas.width, canvas.height);
      paper.drawImage(image, 0, 0, canvas.width, canvas.height);
      coded = atob(canvas.toDataURL("image/jpeg", JPEG_QUALITY).split(",")[1]); /* toBlob is newer than our phones */
    } catch (memory) {
      return null;
    }
    bytes = new Uint8Array(coded.length);
    for (i = 0; i < coded.length; i++) { bytes[i] = coded.charCodeAt(i); }
    return new Blob([bytes], { type: "image/jpeg" });
  }

  /* Width, height and EXIF orientation of a JPEG as it is stored; null if they can't be found near its beginning. */
  function head(file, done) {
    var reader = new FileReader();
    reader.onerror = function () { done(null); };
    reader.onload = function () {
      var seen;
      try { seen = readHead(new DataView(reader.result)); } catch (short) { seen = null; }
      done(seen);
    };
    reader.readAsArrayBuffer(file.slice(0, JPEG_HEAD_BYTES));
  }

  function readHead(view) {
    var at = 2, turn = 1, marker;
    if (view.getUint16(0) !== 0xFFD8) { return null; }
    while (at + 9 < view.byteLength && view.getUint8(at) === 0xFF) {
      marker = view.getUint8(at + 1);
      if (marker === 0xE1 && view.getUint32(at + 4) === 0x45786966) { turn = readTurn(view, at + 10); }
      if (marker >= 0xC0 && marker <= 0xCF && marker !== 0xC4 && marker !== 0xC8 && marker !== 0xCC) {
        return { turn: turn, height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      }
      at += 2 + view.getUint16(at + 2);
    }
    return null;
  }

  function readTurn(view, tiff) {
    var little = view.getUint16(tiff) === 0x4949, at = tiff + view.getUint32(tiff + 4, little), i;
    for (i = 0; i < view.getUint16(at, little); i++) {
      if (view.getUint16(at + 2 + 12 * i, little) === 0x0112) { return view.getUint16(at + 10 + 12 * i, little); }
    }
    return 1;
  }
})();
