// The bundle of a shared tablet's page. A link takes the place of the page that
// it stands on, so that nobody can go back.
import { silence } from "./silence.js";
import { answerPage } from "./slip.js";
import { byId } from "./words.js";

for (const link of document.querySelectorAll("main a, .langs a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(link.href);
  });
}
const form = byId("answer");
if (form) answerPage(form, byId("code"), silence);
