// The words of a mark while they are written: a field over the picture, as large as they will be.

/** Calls `placed` with the text when the field is left, with none when it is dropped by Escape. */
export function wordsAt([x, y], { scale, size, colour, leave, placed }) {
  const field = Object.assign(document.createElement("textarea"), { className: "viewer-words", rows: 1, maxLength: 500 });
  field.setAttribute("aria-label", "Text of the mark. Enter places it, Escape drops it.");
  Object.assign(field.style, { left: `${x * scale}px`, top: `${y * scale}px`, fontSize: `${Math.max(12, size * scale)}px`, color: colour });
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing || (event.key !== "Escape" && (event.key !== "Enter" || event.shiftKey))) return;
    event.preventDefault();
    if (event.key === "Escape") field.value = "";
    leave();
  });
  field.addEventListener("blur", () => placed(field.value.trim()));
  return field;
}
