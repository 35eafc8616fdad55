// Questions about a page that need its computed styles. Each answers with a list of faults; none is a library's.
({
  structure() {
    const faults = [];
    const shown = (node) => node.checkVisibility({ visibilityProperty: true });
    const count = (selector) => [...document.querySelectorAll(selector)].filter(shown).length;
    if (!document.documentElement.lang) faults.push("no lang");
    if (!document.title.trim()) faults.push("no title");
    if (document.querySelectorAll("h1").length !== 1) faults.push(`${document.querySelectorAll("h1").length} h1`);
    if (document.querySelectorAll("main, [role=main]").length !== 1) faults.push(`${document.querySelectorAll("main").length} main`);
    if (!document.querySelector("meta[name=viewport]") || /user-scalable=no|maximum-scale/.test(document.querySelector("meta[name=viewport]").content)) faults.push("cannot be zoomed");
    const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`the id ${id} twice`);
    for (const node of document.querySelectorAll("[aria-labelledby], [aria-describedby], [aria-controls], [aria-activedescendant]"))
      for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "aria-activedescendant"])
        for (const id of (node.getAttribute(name) || "").split(/\s+/).filter(Boolean))
          if (!document.getElementById(id)) faults.push(`${name} names ${id}, which is not there`);
    for (const node of document.querySelectorAll("img:not([alt])")) faults.push(`no alt: ${node.outerHTML.slice(0, 120)}`);
    if (!count("nav, form, main")) faults.push("no landmark to be seen");
    return faults;
  },
  names() {
    const faults = [];
    const heard = (node) => [...node.childNodes].map((child) => child.nodeType === 3 ? child.data : child.nodeType === 1 && child.getAttribute("aria-hidden") !== "true" ? child.getAttribute("aria-label") || child.alt || heard(child) : "").join(" ").trim();
    const labelled = (node) => node.getAttribute("aria-label")?.trim() || (node.getAttribute("aria-labelledby") || "").split(/\s+/).map((id) => document.getElementById(id)?.textContent || "").join("").trim();
    const shown = (node) => node.tagName === "DIALOG" || node.checkVisibility();
    for (const node of [...document.querySelectorAll("button, a[href], summary, [role=button], [role=option], dialog, nav, [role=listbox]")].filter(shown)) {
      const needsLabel = node.matches("dialog, nav, [role=listbox]");
      if (!labelled(node) && (needsLabel || !(heard(node) || node.title))) faults.push(`no name: ${node.outerHTML.slice(0, 160)}`);
    }
    for (const node of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
      if (!labelled(node) && ![...(node.labels || [])].some((label) => label.textContent.trim())) faults.push(`no label: ${node.outerHTML.slice(0, 160)}`);
    for (const node of document.querySelectorAll("[aria-hidden=true]"))
      if (node.matches("a[href], button, input, [tabindex='0']") || node.querySelector("a[href], button, input:not([type=hidden])")) faults.push(`hidden from some, yet reachable: ${node.outerHTML.slice(0, 120)}`);
    for (const node of document.querySelectorAll("[tabindex]")) if (node.tabIndex > 0) faults.push(`a tab order of its own: ${node.outerHTML.slice(0, 120)}`);
    return faults;
  },
  contrast() {
    const faults = new Set();
    const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
    const light = (rgb) => {
      const [r, g, b] = rgb.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (one, other) => {
      const [more, less] = [light(one), light(other)].sort((a, b) => b - a);
      return (more + 0.05) / (less + 0.05);
    };
    const ground = (node) => {
      const layers = [];
      for (let at = node; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
      const canvas = rgba("canvas");
      return layers.reverse().reduce((below, layer) => over(layer, below), canvas[3] ? canvas : [255, 255, 255, 1]);
    };
    const check = (node, style, text) => {
      const size = parseFloat(style.fontSize);
      const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
      const below = ground(node);
      let [r, g, b, a] = rgba(style.color);
      for (let at = node; at; at = at.parentElement) a *= Number(getComputedStyle(at).opacity);
      const got = ratio(over([r, g, b, a], below), below);
      if (got < least - 0.005) faults.add(`${got.toFixed(2)} < ${least}: "${text.trim().slice(0, 40)}" in <${node.tagName.toLowerCase()} class="${node.className}"> ${style.color} on ${below.slice(0, 3).map(Math.round)}`);
    };
    for (const node of document.body.querySelectorAll("*")) {
      if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || node.closest("[disabled], [inert], .sr, .sprite, .skip")) continue;
      // Initials beside the name they stand for decorate.
      if (node.matches("span.face[aria-hidden=true]")) continue;
      const own = [...node.childNodes].filter((child) => child.nodeType === 3 && child.data.trim()).map((child) => child.data).join(" ");
      if (own) check(node, getComputedStyle(node), own);
      if (node.placeholder && !node.value) check(node, getComputedStyle(node, "::placeholder"), node.placeholder);
    }
    return [...faults];
  },
  sideways() {
    const faults = [];
    if (document.scrollingElement.scrollWidth > innerWidth) faults.push(`the page is ${document.scrollingElement.scrollWidth} px wide, the screen ${innerWidth}`);
    for (const node of document.body.querySelectorAll("*")) {
      if (!node.checkVisibility() || node.closest("pre, code, table, nav") || node.matches("textarea, input, select")) continue;
      const style = getComputedStyle(node);
      if (/auto|scroll/.test(style.overflowX) && node.scrollWidth > node.clientWidth + 1) faults.push(`scrolls sideways: <${node.tagName.toLowerCase()} id="${node.id}" class="${node.className}"> ${node.scrollWidth} > ${node.clientWidth}`);
    }
    for (const node of document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea")) {
      const box = node.getBoundingClientRect();
      if (node.checkVisibility({ visibilityProperty: true }) && !node.closest("pre, table, nav, .sr, .skip") && box.width && (box.right > innerWidth + 1 || box.left < -1)) faults.push(`out of sight: ${node.outerHTML.slice(0, 120)} ends at ${Math.round(box.right)}`);
    }
    return faults;
  },
  small() {
    // 24 by 24 (WCAG 2.5.8); links in running text are excepted.
    return [...document.querySelectorAll("button, summary, select, input:not([type=hidden]), [role=option], nav a")]
      .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest(".sr, .skip, .prose, label"))
      .map((node) => [node, node.getBoundingClientRect()])
      .filter(([, box]) => box.width && (box.width < 23.5 || box.height < 23.5))
      .map(([node, box]) => `${Math.round(box.width)} × ${Math.round(box.height)}: ${node.outerHTML.slice(0, 120)}`);
  },
  moving() {
    const seconds = (text) => Math.max(...text.split(",").map((part) => parseFloat(part) * (part.trim().endsWith("ms") ? 0.001 : 1)));
    return [...document.querySelectorAll("*")].flatMap((node) =>
      [undefined, "::before", "::after"].flatMap((part) => {
        const style = getComputedStyle(node, part);
        const moves = (style.animationName !== "none" && seconds(style.animationDuration) > 0.05) || seconds(style.transitionDuration) > 0.05;
        return moves ? [`<${node.tagName.toLowerCase()} class="${node.getAttribute("class") || ""}">${part || ""} ${style.animationName} ${style.animationDuration} ${style.transitionDuration}`] : [];
      }),
    );
  },
  focus() {
    const node = document.activeElement;
    if (!node || node === document.body) return [];
    const ring = (of) => { const style = getComputedStyle(of); return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none"; };
    // A listbox shows where it is by the row it speaks of.
    const around = document.getElementById(node.getAttribute("aria-activedescendant")) || node.closest("label, .search, .box, .choice, .theme");
    const box = node.getBoundingClientRect();
    const seen = ring(node) || (around && ring(around));
    const there = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
    return [...(seen ? [] : [`no ring: ${node.outerHTML.slice(0, 140)}`]), ...(there ? [] : [`not on the screen: ${node.outerHTML.slice(0, 140)}`])];
  },
})
