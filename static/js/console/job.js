// Says how far work in the background is, as long as its page is open. Without
// script the page asks again by itself.

const job = document.querySelector("[data-job]");
const every = 1000; // milliseconds

async function look() {
  const answer = await fetch(job.dataset.job, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) {
    setTimeout(look, 5 * every); // the server is away for a moment, or somebody signed out
    return;
  }
  const { running, said, percent } = await answer.json();
  if (!running) {
    location.reload();
    return;
  }
  const line = job.querySelector("[data-job-said]");
  if (line.textContent !== said) line.textContent = said;
  job.querySelector("[data-job-bar]").value = percent;
  setTimeout(look, every);
}

if (job) setTimeout(look, every);
