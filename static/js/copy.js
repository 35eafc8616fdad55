// A button with data-copy="<id>" copies the text of that element and says so for a moment.
const SAID_FOR = 1600

async function write(text, source) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text)
  // Plain http on a LAN has no clipboard API: select the text and use the old command.
  const range = document.createRange()
  range.selectNodeContents(source)
  const selection = window.getSelection()
  selection.removeAllRanges()
  selection.addRange(range)
  if (!document.execCommand("copy")) throw new Error("copy refused")
}

function say(button, text) {
  button.dataset.label ??= button.textContent
  button.textContent = text
  clearTimeout(Number(button.dataset.timer))
  button.dataset.timer = String(setTimeout(() => { button.textContent = button.dataset.label }, SAID_FOR))
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]")
  const source = button && document.getElementById(button.dataset.copy)
  if (!source) return
  try {
    await write(source.textContent.trim(), source)
    say(button, "Copied")
  } catch {
    say(button, "Press Ctrl+C")
  }
})
