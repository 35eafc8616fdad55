// On a phone the sections are a strip: show the one we are in.
document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" })

// One "are you sure" at a time; Esc and a click elsewhere take it back.
const opened = () => document.querySelectorAll("details.sure[open]")
document.addEventListener("click", (event) => {
  for (const details of opened()) if (!details.contains(event.target)) details.open = false
})
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return
  for (const details of opened()) {
    details.open = false
    details.querySelector("summary").focus()
  }
})
