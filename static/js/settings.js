// On a phone the sections are a strip: show the one we are in.
document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" })

// One "are you sure" at a time; Esc and a click elsewhere take it back.
const opened = () => document.querySelectorAll("details.sure[open]")
document.addEventListener("click", (event) => {
  for (const details of opened()) if (!details.contains(event.target)) details.open = false
})
document.addEventListener("toggle", (event) => {
  if (event.target.matches("details.sure[open]")) event.target.scrollIntoView({ block: "nearest" })
}, true)
// Before the page's own keys hear it: one Esc takes back one thing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return
  for (const details of opened()) {
    event.preventDefault()
    details.open = false
    details.querySelector("summary").focus()
  }
}, true)

// One more line for a header; without scripts there is an empty one each time.
document.addEventListener("click", (event) => {
  const lines = event.target.closest("[data-add-line]")?.closest("[data-lines]")
  if (!lines) return
  const last = [...lines.querySelectorAll(".head-line")].at(-1)
  const line = last.cloneNode(true)
  for (const field of line.querySelectorAll("input")) field.value = ""
  last.after(line)
  line.querySelector("input").focus()
})
