// The bundle of the pages for slips.
import { carryCode, takeCode } from "./code.js";
import { answerPage } from "./slip.js";
import { byId } from "./words.js";

const code = byId("code");
const form = byId("answer");
if (form) answerPage(form, code);
else if (code) {
  takeCode(code);
  carryCode(code);
}
