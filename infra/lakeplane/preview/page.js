(function () {
  "use strict";
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var chosenTheme = null;
  function paint() { root.dataset.theme = chosenTheme || (dark.matches ? "dark" : "light"); }
  dark.addEventListener("change", paint);
  paint();
  byId("theme").addEventListener("click", function () {
    chosenTheme = root.dataset.theme === "dark" ? "light" : "dark";
    paint();
  });

  function byId(id) { return document.getElementById(id); }
  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function made(tag, text, name) {
    var element = document.createElement(tag);
    if (text !== undefined) { element.textContent = text; }
    if (name) { element.className = name; }
    return element;
  }

  // Filters: a row is shown if no pressed-out chip names it and it holds every word of the search.
  function filtering(rows, tools, search, told) {
    var chips = all("[data-filter]", tools);
    function apply() {
      var words = search ? search.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
      var off = {};
      chips.forEach(function (chip) {
        if (chip.getAttribute("aria-pressed") === "false") { off[chip.dataset.filter + "=" + chip.dataset.value] = true; }
      });
      var shown = 0;
      rows.forEach(function (row) {
        var hidden = Object.keys(row.dataset).some(function (key) { return off[key + "=" + row.dataset[key]]; });
        if (!hidden && words.length) {
          if (row.words === undefined) { row.words = row.textContent.toLowerCase(); }
          hidden = !words.every(function (word) { return row.words.indexOf(word) >= 0; });
        }
        row.hidden = hidden;
        shown += hidden ? 0 : 1;
      });
      if (told) { told.textContent = shown + " of " + rows.length; }
    }
    chips.forEach(function (chip) {
      chip.addEventListener("click", function () {
        chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") === "true" ? "false" : "true");
        apply();
      });
    });
    if (search) { search.addEventListener("input", apply); }
    apply();
  }
  all("[data-for]").forEach(function (tools) {
    var body = byId(tools.dataset.for);
    filtering(all("tr", body), tools, tools.querySelector("input"), tools.querySelector("#shown"));
  });

  // Sorting by a column, and back with a second click.
  all(".sortable th[data-sort]").forEach(function (head) {
    head.querySelector("button").addEventListener("click", function () {
      var column = head.cellIndex, numeric = head.dataset.sort === "number";
      var up = head.getAttribute("aria-sort") === (numeric ? "descending" : "ascending");
      var direction = (numeric ? -1 : 1) * (up ? -1 : 1);
      all("th", head.parentNode).forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      var body = head.closest("table").tBodies[0];
      var keyed = all("tr", body).map(function (row, place) {
        var text = row.cells[column].textContent.trim();
        return { row: row, place: place, key: numeric ? parseFloat(text.replace(/,/g, "")) || 0 : text };
      });
      keyed.sort(function (a, b) {
        var order = numeric ? a.key - b.key : a.key.localeCompare(b.key);
        return direction * order || a.place - b.place;
      });
      keyed.forEach(function (item) { body.appendChild(item.row); });
    });
  });

  var canvas = byId("canvas");
  if (!canvas) { return; }
  var details = JSON.parse(byId("details").textContent);
  var graph = byId("graph"), links = byId("links");
  var natural = { width: graph.viewBox.baseVal.width, height: graph.viewBox.baseVal.height };
  var spots = {}, rows = {};
  all(".spot", graph).forEach(function (spot) { spots[spot.dataset.n] = spot; });
  all("#resource-rows tr").forEach(function (row) { rows[row.dataset.n] = row; });
  var needed = details.map(function () { return []; });
  details.forEach(function (detail, number) { detail.needs.forEach(function (other) { needed[other].push(number); }); });

  var scale = 1;
  function zoom(wanted) {
    var centre = { x: (canvas.scrollLeft + canvas.clientWidth / 2) / scale, y: (canvas.scrollTop + canvas.clientHeight / 2) / scale };
    scale = Math.min(2.5, Math.max(0.08, wanted));
    graph.setAttribute("width", natural.width * scale);
    graph.setAttribute("height", natural.height * scale);
    canvas.scrollLeft = centre.x * scale - canvas.clientWidth / 2;
    canvas.scrollTop = centre.y * scale - canvas.clientHeight / 2;
  }
  function fit() {
    scale = 1;
    // Names stay legible: what doesn't fit is scrolled to.
    zoom(Math.max(Math.min(1, canvas.clientWidth / natural.width), natural.width > 6000 ? 0.2 : 0.5));
    canvas.scrollLeft = 0;
    canvas.scrollTop = 0;
  }
  all("[data-zoom]").forEach(function (button) {
    button.addEventListener("click", function () {
      if (button.dataset.zoom === "fit") { fit(); } else { zoom(scale * (button.dataset.zoom === "in" ? 1.25 : 0.8)); }
    });
  });
  canvas.addEventListener("wheel", function (event) {
    if (!event.ctrlKey && !event.metaKey) { return; }
    event.preventDefault();
    zoom(scale * Math.exp(-event.deltaY / 300));
  }, { passive: false });
  var drag = null;
  canvas.addEventListener("pointerdown", function (event) {
    if (event.pointerType === "mouse" && event.button === 0) { drag = { x: event.clientX, y: event.clientY, left: canvas.scrollLeft, top: canvas.scrollTop }; }
  });
  window.addEventListener("pointermove", function (event) {
    if (drag) { canvas.scrollLeft = drag.left + drag.x - event.clientX; canvas.scrollTop = drag.top + drag.y - event.clientY; }
  });
  window.addEventListener("pointerup", function () { drag = null; });
  fit();

  var only = byId("only-changed");
  if (only) {
    only.addEventListener("click", function () {
      only.setAttribute("aria-pressed", canvas.classList.toggle("only") ? "true" : "false");
    });
  }
  byId("find").addEventListener("input", function (event) {
    var word = event.target.value.trim().toLowerCase(), first = null;
    canvas.classList.toggle("seeking", Boolean(word));
    Object.keys(spots).forEach(function (number) {
      var found = Boolean(word) && spots[number].textContent.toLowerCase().indexOf(word) >= 0;
      spots[number].classList.toggle("found", found);
      first = first || (found ? spots[number] : null);
    });
    if (first) { show(first); }
  });
  function show(spot) {
    var box = spot.getBBox();
    canvas.scrollTo({ left: (box.x + box.width / 2) * scale - canvas.clientWidth / 2, top: (box.y + box.height / 2) * scale - canvas.clientHeight / 2, behavior: "smooth" });
  }

  function line(from, to, name) {
    var a = spots[from].getBBox(), b = spots[to].querySelector(".dot").getBBox();
    var y1 = a.y + a.height / 2, y2 = b.y + b.height / 2, x2 = b.x;
    // From right edge to left edge; inside one card in a bow at its left, so that names stay legible.
    var apart = a.x + a.width < b.x, x1 = apart ? a.x + a.width : spots[from].querySelector(".dot").getBBox().x;
    var bend = apart ? Math.max(40, (x2 - x1) / 2) : -26;
    var path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M" + x1 + " " + y1 + "C" + (x1 + bend) + " " + y1 + " " + (x2 + (apart ? -bend : bend)) + " " + y2 + " " + x2 + " " + y2);
    path.setAttribute("class", name);
    links.appendChild(path);
  }
  function choose(number, scroll) {
    all(".chosen, .linked").forEach(function (element) { element.classList.remove("chosen", "linked"); });
    links.textContent = "";
    canvas.classList.toggle("picked", number !== null && Boolean(spots[number]));
    byId("detail").hidden = number === null;
    if (number === null) { return; }
    if (rows[number]) { rows[number].classList.add("chosen"); }
    if (spots[number]) {
      spots[number].classList.add("chosen");
      details[number].needs.forEach(function (other) { if (spots[other]) { spots[other].classList.add("linked"); line(other, number, "in"); } });
      needed[number].forEach(function (other) { if (spots[other]) { spots[other].classList.add("linked"); line(number, other, "out"); } });
      if (scroll) { show(spots[number]); }
    }
    tell(number);
  }
  function nameOf(number) { return rows[number] ? rows[number].cells[1].firstChild.textContent : ""; }
  function listed(body, title, numbers) {
    if (!numbers.length) { return; }
    body.appendChild(made("h3", title));
    var list = made("ul");
    numbers.slice(0, 60).forEach(function (other) {
      var link = made("a", nameOf(other));
      link.tabIndex = 0;
      link.addEventListener("click", function () { choose(other, true); });
      var item = made("li");
      item.appendChild(link);
      list.appendChild(item);
    });
    if (numbers.length > 60) { list.appendChild(made("li", (numbers.length - 60) + " more", "soft")); }
    body.appendChild(list);
  }
  function tell(number) {
    var detail = details[number], row = rows[number], body = byId("detail-body");
    body.textContent = "";
    body.appendChild(row.cells[0].firstChild.cloneNode(true));
    body.appendChild(made("h2", nameOf(number)));
    body.appendChild(made("p", row.cells[2].textContent, "soft"));
    detail.reasons.forEach(function (reason) { body.appendChild(made("p", reason)); });
    if (detail.was) { body.appendChild(made("p", "was " + detail.was, "soft")); }
    if (detail.findings.length) {
      body.appendChild(made("h3", "Findings"));
      detail.findings.forEach(function (finding) { body.appendChild(made("p", finding)); });
    }
    if (detail.differences.length) {
      body.appendChild(made("h3", "What changes"));
      detail.differences.forEach(function (found) {
        var block = made("div", undefined, "diff");
        var note = (found[3] === true ? ", replaces" : found[3] === null ? ", may replace" : "") + (found[4] ? "" : ", may be the same");
        block.appendChild(made("div", found[0] + note, "path"));
        block.appendChild(made("div", found[1], "old"));
        block.appendChild(made("div", found[2], "new"));
        body.appendChild(block);
      });
    }
    listed(body, "Needs", detail.needs);
    listed(body, "Is needed by", needed[number]);
    body.appendChild(made("h3", "Inputs"));
    body.appendChild(made("pre", detail.inputs));
    body.appendChild(made("h3", "URN"));
    body.appendChild(made("pre", detail.urn));
    byId("detail").scrollTop = 0;
  }
  graph.addEventListener("click", function (event) {
    var spot = event.target.closest(".spot");
    choose(spot ? Number(spot.dataset.n) : null, false);
  });
  graph.addEventListener("mouseover", function (event) {
    var card = event.target.closest("[data-card]"), number = card ? card.dataset.card : null;
    all(".edges path", graph).forEach(function (path) {
      path.classList.toggle("near", number !== null && (path.dataset.from === number || path.dataset.to === number));
    });
  });
  byId("resource-rows").addEventListener("click", function (event) {
    var row = event.target.closest("tr");
    if (row) { choose(Number(row.dataset.n), true); }
  });
  byId("resource-rows").addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.dataset.n) { choose(Number(event.target.dataset.n), true); }
  });
  byId("close").addEventListener("click", function () { choose(null); });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { choose(null); } });
  // A link to one resource: #urn=URN
  function follow() {
    if (location.hash.indexOf("#urn=") !== 0) { return; }
    var wanted = decodeURIComponent(location.hash.slice(5));
    var number = details.findIndex(function (detail) { return detail.urn === wanted; });
    if (number >= 0) { choose(number, true); }
  }
  window.addEventListener("hashchange", follow);
  follow();
})();
