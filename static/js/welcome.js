// Turns "waiting for your first message" into "it arrived" when the live socket says so.
const arrival = document.querySelector("[data-arrival]")

document.addEventListener("placet:event", (event) => {
  if (event.detail?.type !== "message:created" || arrival.classList.contains("arrived")) return
  arrival.classList.add("arrived")
  arrival.querySelector("[data-waiting]").hidden = true
  arrival.querySelector("[data-arrived]").hidden = false
})
